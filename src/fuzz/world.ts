import { createHash } from 'node:crypto';
import type { Offer, Redirect, Rights, Taking, Tenant } from '../model/index.ts';

/** A user. Its permissions are text subjects, for subscriptions also with a queue; what is absent is allowed. */
export interface WorldUser extends Rights {
  /** Unique in the whole world; the password follows from it. */
  readonly name: string;
}

/** Limits of an account; absent is unlimited. */
export interface WorldLimits {
  readonly max_subscriptions?: number;
  readonly max_payload?: number;
}

/** A stream or service taken from another account. */
export interface WorldImport extends Taking {
  /** Whether the exporting account learns who asks. */
  readonly share?: boolean;
}

export interface WorldAccount extends Tenant {
  readonly jetstream: boolean;
  /** The first user is the owner: without permissions, and the one whose eyes the probes use. */
  readonly users: readonly WorldUser[];
  readonly imports?: readonly WorldImport[];
  readonly limits?: WorldLimits;
}

/** The topology of one run: tenants and the doors between them. The system account `SYS` is implied. */
export interface World {
  readonly accounts: readonly WorldAccount[];
}

export const SYSTEM_ACCOUNT = 'SYS';
const SYSTEM_USER = 'sys';
const COMMENT = '# world: ';

export function passwordOf(user: string): string {
  return `${user}-pw`;
}

/** The account of a user. */
export function accountOf(world: World, user: string): string {
  const account = world.accounts.find((each) => each.users.some((one) => one.name === user));
  if (account === undefined) throw new RangeError(`no user ${JSON.stringify(user)} in this world`);
  return account.name;
}

/** What a user may do. */
export function rightsOf(world: World, user: string): Rights {
  return world.accounts.flatMap((account) => account.users).find(({ name }) => name === user) ?? {};
}

/** The owner of an account. */
export function ownerOf(account: WorldAccount): string {
  const owner = account.users[0];
  if (owner === undefined) throw new RangeError(`account ${account.name} has no user`);
  return owner.name;
}

/**
 * An unguessable mark that every payload and description of an account carries. No generator ever emits one, so a
 * mark that another account sees has come over the boundary.
 */
export function markOf(account: string): string {
  let mark = marks.get(account);
  if (mark === undefined) {
    mark = `K${createHash('sha256').update(`canary of ${account}`).digest('hex').slice(0, 15)}`;
    marks.set(account, mark);
  }
  return mark;
}
const marks = new Map<string, string>();

/** The configuration text of a world. Its first line is the world itself, so that the file alone replays a run. */
export function worldConfig(world: World): string {
  return [
    `${COMMENT}${JSON.stringify(world)}`,
    'server_name: fuzz',
    'jetstream: { max_mem: 64MB, max_file: 64MB }',
    `system_account: ${SYSTEM_ACCOUNT}`,
    'accounts: {',
    `  ${SYSTEM_ACCOUNT}: { users: [ { user: ${SYSTEM_USER}, password: ${passwordOf(SYSTEM_USER)} } ] }`,
    ...world.accounts.map(accountText),
    '}',
    '',
  ].join('\n');
}

/** Reads the world back from a printed configuration. */
export function worldFromConfig(text: string): World {
  const line = text.split('\n').find((each) => each.startsWith(COMMENT));
  if (line === undefined)
    throw new SyntaxError(`expected a line that starts with ${JSON.stringify(COMMENT)}`);
  return JSON.parse(line.slice(COMMENT.length)) as World;
}

function accountText(account: WorldAccount): string {
  const { limits = {}, exports = [], imports = [], mappings = [] } = account;
  const parts = [
    ...(account.jetstream ? ['jetstream: enabled'] : []),
    ...(Object.keys(limits).length === 0 ? [] : [`limits: ${JSON.stringify(limits)}`]),
    ...listText('users', '[]', account.users.map(userText)),
    ...listText('exports', '[]', exports.map(exportText)),
    ...listText('imports', '[]', imports.map(importText)),
    ...listText('mappings', '{}', mappings.map(mappingText)),
  ];
  return `  ${JSON.stringify(account.name)}: {\n${parts.map((part) => `    ${part}\n`).join('')}  }`;
}

function listText(key: string, brackets: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [`${key}: ${brackets[0]}\n${items.map((item) => `      ${item}\n`).join('')}    ${brackets[1]}`];
}

function userText(user: WorldUser): string {
  const parts = [sideText('publish', user.publish), sideText('subscribe', user.subscribe)].filter(
    (text) => text !== '',
  );
  const { responses } = user;
  if (responses !== undefined)
    parts.push(`allow_responses: { max: ${responses.max}, expires: "${responses.expiresMs}ms" }`);
  const permissions = parts.length === 0 ? '' : `, permissions: { ${parts.join(', ')} }`;
  return `{ user: ${JSON.stringify(user.name)}, password: ${JSON.stringify(passwordOf(user.name))}${permissions} }`;
}

function sideText(name: string, side: Rights['publish']): string {
  if (side === undefined) return '';
  const lists: string[] = [];
  if (side.allow !== undefined) lists.push(`allow: ${JSON.stringify(side.allow)}`);
  if (side.deny !== undefined) lists.push(`deny: ${JSON.stringify(side.deny)}`);
  return `${name}: { ${lists.join(', ')} }`;
}

function exportText(offer: Offer): string {
  const parts = [`${offer.kind}: ${JSON.stringify(offer.subject)}`];
  if (offer.kind === 'service')
    parts.push(`response: ${offer.responseType}`, `threshold: "${offer.thresholdMs}ms"`);
  if (offer.accounts !== undefined) parts.push(`accounts: ${JSON.stringify(offer.accounts)}`);
  if (offer.accountTokenPosition !== undefined)
    parts.push(`account_token_position: ${offer.accountTokenPosition}`);
  return `{ ${parts.join(', ')} }`;
}

function importText({ kind, account, subject, prefix, to, share }: WorldImport): string {
  const parts = [`${kind}: ${JSON.stringify({ account, subject })}`];
  if (prefix !== undefined) parts.push(`prefix: ${JSON.stringify(prefix)}`);
  if (to !== undefined) parts.push(`to: ${JSON.stringify(to)}`);
  if (share === true) parts.push('share: true');
  return `{ ${parts.join(', ')} }`;
}

function mappingText({ source, destinations }: Redirect): string {
  const choices = destinations.map(
    ({ subject, weight }) => `{ destination: ${JSON.stringify(subject)}, weight: ${weight} }`,
  );
  return `${JSON.stringify(source)}: [ ${choices.join(', ')} ]`;
}
