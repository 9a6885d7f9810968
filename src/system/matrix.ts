import { patternTokens } from '../base/index.ts';
import type { Caller } from '../guard/index.ts';
import { type ByteString, toBytes } from '../subjects/index.ts';
import { scopeRequestOf } from './dispatch.ts';
import type { Service } from './service.ts';
import { SERVICES } from './table.ts';
import type { ServiceGuard } from './view.ts';

/** The account that the subjects of the matrix name. */
const TARGET_ACCOUNT = 'OWNER';

/** A kind of caller, one line under each service. */
export interface ServiceCaller {
  readonly title: string;
  readonly caller: Caller;
  /** The request came over an export that the system account's configuration declares. */
  readonly offered?: boolean;
}

const HEAD = [
  '# Who may use which service of the system account: verdict and the rule that decides.',
  `# Subjects that name an account name ${TARGET_ACCOUNT}. Generated; a test compares it with the guard.`,
  '',
];

/**
 * Who may use which service, as text. Every cell is what the guard says when asked just as dispatch asks it, for a
 * request that has reached the system account.
 */
export function renderServiceMatrix(
  guard: ServiceGuard,
  callers: readonly ServiceCaller[],
  rows: readonly Service[] = SERVICES,
): string {
  const lines = rows.flatMap((row) => [
    `${row.subject}  [${row.scope}]`,
    ...callers.map((caller) => `  ${caller.title.padEnd(28)} ${cell(guard, row, caller)}`),
    '',
  ]);
  return [...HEAD, ...lines].join('\n');
}

function cell(guard: ServiceGuard, row: Service, { caller, offered }: ServiceCaller): string {
  const request = scopeRequestOf(row, exampleTokens(row), offered);
  const { verdict } = guard.scope(caller, request, toBytes(row.subject));
  return `${verdict.allowed ? 'allow ' : 'REFUSE'} ${verdict.rule}`;
}

function exampleTokens(row: Service): Readonly<Record<string, ByteString>> {
  const named = patternTokens(row.subject).flatMap((token) => (token.kind === 'literal' ? [] : [token.name]));
  return Object.fromEntries(named.map((name) => [name, toBytes(name === 'account' ? TARGET_ACCOUNT : name)]));
}
