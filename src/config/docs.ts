import { type ConfigKey, configKeys } from './keys.ts';

const INTRODUCTION = `# Configuration keys

Generated from the table of keys; do not edit. Keys are case-insensitive. A key marked *later* is accepted, has no
effect yet, and is named in a warning at the start. A key that is in no table is refused.
`;

/** The reference page of the configuration keys, as Markdown. */
export function renderConfigDocs(): string {
  const sections = new Map<string, ConfigKey[]>();
  for (const row of configKeys) {
    const rows = sections.get(row.section) ?? [];
    sections.set(row.section, rows);
    rows.push(row);
  }
  return [INTRODUCTION, ...[...sections].map(([name, rows]) => section(name, rows))].join('\n');
}

function section(name: string, rows: readonly ConfigKey[]): string {
  const title = name === '' ? 'Top level' : `\`${name}\``;
  const head = '| key | type | default | meaning |\n| --- | --- | --- | --- |';
  return `## ${title}\n\n${head}\n${rows.map(line).join('\n')}\n`;
}

function line(row: ConfigKey): string {
  const names = [row.key, ...row.aliases].map((name) => `\`${name}\``).join(', ');
  const consequence = row.consequence === undefined ? '' : ` Meanwhile ${row.consequence}.`;
  const doc = row.status === 'later' ? `*later*: ${row.doc}${consequence}` : row.doc;
  return `| ${names} | ${[row.type, row.default, doc].map(cell).join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
