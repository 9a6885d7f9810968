import type { SystemView } from '../view.ts';
import type { Page } from './page-row.ts';
import { PAGES } from './pages.ts';
import { between, uptimeText } from './times.ts';

const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td { border-top: 1px solid #8884; padding: .5rem .75rem .5rem 0; vertical-align: top }
code { font-size: .85em } .options { opacity: .75 } .now { margin-bottom: 2rem }`;

/**
 * The page that a person begins with: what this server is, and every other page with the options it takes.
 * @param basePath what stands before the paths of all pages.
 */
export function indexPage(server: SystemView, basePath: string): string {
  const name = escaped(server.name);
  const rows = PAGES.map((page) => rowOf(page, basePath)).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${name}: monitoring</title><style>${STYLE}</style></head>
<body>
<h1>${name}</h1>
<p class="now">${escaped(stateOf(server))}</p>
<table>
${rows}
</table>
</body>
</html>
`;
}

function stateOf(server: SystemView): string {
  const { totals, version, start, clock } = server;
  const uptime = uptimeText(between(start, clock.instant()));
  const jetstream = server.jetstream === undefined ? 'off' : 'on';
  const count = `${totals.connections} connection${totals.connections === 1 ? '' : 's'}`;
  return `Speaks nats-server ${version} · up ${uptime} · ${count} · ${server.accounts().length} accounts · JetStream ${jetstream}`;
}

function rowOf(page: Page, basePath: string): string {
  const { path, title, doc, query, examples = [] } = page;
  const at = escaped(basePath + path);
  const links = examples.map((one) => ` <a href="${at}${escaped(one)}"><code>${escaped(one)}</code></a>`);
  const options = Object.values(query)
    .filter((reader) => reader !== undefined && reader.takes !== '')
    .map((reader) => `<code>${escaped(`${reader?.param}=${reader?.takes}`)}</code>`);
  const taken = options.length === 0 ? '' : `<br><span class="options">${options.join(' ')}</span>`;
  return `<tr><td><a href="${at}">${escaped(title)}</a><br><code>${at}</code></td><td>${escaped(doc)}${links.join('')}${taken}</td></tr>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
