import type { Caller, Guard } from '../guard/index.ts';
import { toBytes } from '../subjects/index.ts';
import type { Endpoint } from './endpoint.ts';
import { type BoundTokens, patternTokens } from './routes.ts';
import { scopeRequestOf } from './service-request.ts';
import { ENDPOINTS } from './table.ts';

/** The account that the subjects of the matrix name. */
export const TARGET_ACCOUNT = 'OWNER';

/** A kind of caller, one column of the matrix. */
export interface MatrixCaller {
  readonly title: string;
  readonly caller: Caller;
}

/**
 * Who may use which endpoint, as text: a reader checks it without reading code. Every cell is what the guard says when
 * asked just as dispatch asks it. Account-subject endpoints are reached inside an account, where the caller acts for
 * that account.
 */
export function renderAuthorityMatrix(
  guard: Pick<Guard, 'scope'>,
  callers: readonly MatrixCaller[],
  rows: readonly Endpoint[] = ENDPOINTS,
): string {
  const lines = rows.flatMap((row) => [
    `${row.subject}  [${row.door}, ${row.scope}]`,
    ...callers.map(({ title, caller }) => `  ${title.padEnd(28)} ${cell(guard, row, caller)}`),
    '',
  ]);
  return [...HEAD, ...lines].join('\n');
}

const HEAD = [
  '# Who may use which endpoint of the JetStream API: verdict and the rule that decides.',
  `# Subjects that name an account name ${TARGET_ACCOUNT}. Generated; a test compares it with the guard.`,
  '',
];

function cell(guard: Pick<Guard, 'scope'>, row: Endpoint, caller: Caller): string {
  const { verdict } = guard.scope(caller, scopeRequestOf(row, exampleTokens(row)), toBytes(row.subject));
  return `${verdict.allowed ? 'allow ' : 'REFUSE'} ${verdict.rule}`;
}

function exampleTokens(row: Endpoint): BoundTokens {
  const tokens: Record<string, ReturnType<typeof toBytes>> = {};
  for (const token of patternTokens(row.subject)) {
    if (token.kind !== 'literal')
      tokens[token.name] = toBytes(token.name === 'account' ? TARGET_ACCOUNT : token.name);
  }
  return tokens;
}
