import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './table.ts';

const EFFECTS = {
  full: 'as the real server',
  later: 'answers a real error; its effect is still to come',
  none: 'nothing to act on without a cluster',
} as const satisfies Record<Endpoint['effect'], string>;

const SCOPES = {
  account: "the caller's own account",
  system: 'the whole server; system account only',
  'named-account': 'the account named in the subject; for itself and the system account',
} as const satisfies Record<Endpoint['scope'], string>;

/** The reference of the API as Markdown, generated from the table. */
export function renderApiDocs(rows: readonly Endpoint[] = ENDPOINTS): string {
  const head = [
    '# JetStream API',
    '',
    'Generated from `src/api/table.ts`; do not edit.',
    '',
    ...legend(),
    '',
  ];
  return `${[...head, ...rows.flatMap(section)].join('\n').trimEnd()}\n`;
}

function legend(): string[] {
  const scopes = Object.entries(SCOPES).map(([scope, text]) => `- \`${scope}\`: ${text}.`);
  return ['Scopes:', '', ...scopes, '', 'Response types stand after `io.nats.jetstream.api.v1.`.'];
}

function section(row: Endpoint): string[] {
  const lines = [
    `## \`${row.subject}\``,
    '',
    row.doc,
    '',
    `- Door: ${row.door === 'system-service' ? 'service in the system account' : `subscription inside the account (${row.lives})`}`,
    `- Scope: \`${row.scope}\``,
    `- Request: ${requestText(row)}`,
    `- Response: ${row.response === undefined ? 'raw messages' : `\`${row.response}\``}`,
    `- Effect: ${EFFECTS[row.effect]}`,
  ];
  if (row.advisories !== undefined) lines.push(`- Advisories: ${row.advisories.join(', ')}`);
  if (row.control !== undefined) lines.push(`- Control: \`${row.control}\``);
  return [...lines, ''];
}

function requestText({ request }: Endpoint): string {
  if (request.kind === 'empty') return 'empty';
  if (request.kind === 'none') return 'not read, or read by the handler';
  return `JSON with ${Object.keys(request.schema.properties)
    .map((name) => `\`${name}\``)
    .join(', ')}`;
}
