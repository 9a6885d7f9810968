import { EVENTS, type EventRow } from './event-table.ts';
import type { Page } from './monitor/page-row.ts';
import { PAGES } from './monitor/pages.ts';
import type { Service } from './service.ts';
import { SERVICES } from './table.ts';

const SCOPES = {
  account: 'the account that asks',
  system: 'the whole server; system account only',
  'named-account': 'the account named in the subject; for itself and the system account',
} as const satisfies Record<Service['scope'], string>;

const ANSWERS = {
  data: '`{server, data}`',
  statsz: '`{server, statsz}`',
  done: '`{server}`',
  bare: 'the object alone',
  number: 'a number',
  'connections-event': 'the event `account_connections`',
} as const satisfies Record<Service['answer'], string>;

/** The reference of the system account's services and events, and of monitoring over HTTP, as Markdown, generated from the tables. */
export function renderSystemDocs(rows: readonly Service[] = SERVICES): string {
  const events: [string, EventRow][] = Object.entries(EVENTS);
  const lines = [
    '# The system account: services and events; monitoring over HTTP',
    '',
    'Generated from `src/system/table.ts`, `src/system/event-table.ts` and `src/system/monitor/pages.ts`; do not edit.',
    '',
    ...HEAD,
    '',
    '## Services',
    '',
    ...rows.flatMap(serviceSection),
    '## Events',
    '',
    'Events are published in the system account, and only while somebody there listens. Typed ones have a `type` that',
    'begins with `io.nats.server.advisory.v1.`.',
    '',
    ...events.flatMap(([, row]) => eventSection(row)),
    '## Monitoring over HTTP',
    '',
    ...MONITORING,
    '',
    '| page | options | what it shows |',
    '| --- | --- | --- |',
    ...PAGES.map(pageRow),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const HEAD = [
  'Users of the system account ask directly. A tenant has these four names for services about itself, and no others:',
  '',
  '- `$SYS.REQ.SERVER.PING.CONNZ` and `$SYS.REQ.ACCOUNT.PING.CONNZ`: its own connections;',
  '- `$SYS.REQ.ACCOUNT.PING.STATZ`: its own counters;',
  '- `$SYS.REQ.USER.INFO`: who it is.',
  '',
  'Scopes:',
  '',
  ...Object.entries(SCOPES).map(([scope, text]) => `- \`${scope}\`: ${text}.`),
  '',
  'Requests are JSON; nothing at all means no options, unknown fields are ignored. A service that all servers answer',
  'takes a filter besides its own options (`server_name`, `host`, `cluster`, `domain`, `tags`, `exact_match`): a server',
  'that is not meant says nothing. Pages are asked for with `offset` and `limit`, which may be any number.',
];

const MONITORING = [
  'Off unless `http`, `https`, `http_port` or `https_port` is configured; `http_base_path` goes before all paths. Whoever',
  'reaches the port may read, scripts of web pages included, as on nats-server: listen on a loopback address where that',
  'matters. It is read with GET or HEAD, and nothing is changed by it. No page shows a credential.',
];

/** A row of the table of pages. */
function pageRow({ path, alias, query, doc }: Page): string {
  const paths = [path, ...(alias === undefined ? [] : [alias])].map((each) => `\`${each}\``).join(', ');
  const params = new Set(Object.values(query).map((reader) => reader?.param));
  const options = [...params].map((param) => `\`${param}\``).join(', ');
  return `| ${paths} | ${options} | ${doc} |`;
}

function serviceSection(row: Service): string[] {
  const lines = [
    `### \`${row.subject}\``,
    '',
    row.doc,
    '',
    `- Scope: \`${row.scope}\``,
    `- Request: ${requestText(row)}`,
    `- Answer: ${ANSWERS[row.answer]}`,
  ];
  if (row.effect === 'none') lines.push('- Effect: nothing to tell about on one server');
  if (row.advisories !== undefined) lines.push(`- Advisories: ${row.advisories.join(', ')}`);
  return [...lines, ''];
}

function requestText({ request, badRequest }: Service): string {
  if (request.kind === 'ignored') return 'not read';
  if (request.kind === 'text') return 'text: a subject, and a queue group behind it';
  const options =
    request.own.length === 0 ? 'no options' : request.own.map((name) => `\`${name}\``).join(', ');
  const filter = request.filtered ? '; filter' : '';
  return `${options}${filter}${badRequest === 'silent' ? '; what is not JSON is not answered' : ''}`;
}

function eventSection(row: EventRow): string[] {
  return [
    `### \`${row.subject}\``,
    '',
    `- When: ${row.when}`,
    ...(row.type === undefined ? [] : [`- Type: \`${row.type}\``]),
    `- Body: ${row.body}`,
    '',
  ];
}
