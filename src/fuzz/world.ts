import { createHash } from 'node:crypto';

/** One side of a user's permissions, as text subjects. An absent list allows all, or denies nothing. */
export interface WorldSide {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface WorldUser {
  /** Unique in the whole world; the password follows from it. */
  readonly name: string;
  readonly publish?: WorldSide;
  readonly subscribe?: WorldSide;
}

export interface WorldAccount {
  readonly name: string;
  readonly jetstream: boolean;
  /** The first user is the owner: without permissions, and the one whose eyes the probes use. */
  readonly users: readonly WorldUser[];
}

/** The topology of one run: tenants without any path between them. The system account `SYS` is implied. */
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
  const users = account.users.map((user) => `      ${userText(user)}`).join('\n');
  const jetstream = account.jetstream ? '    jetstream: enabled\n' : '';
  return `  ${JSON.stringify(account.name)}: {\n${jetstream}    users: [\n${users}\n    ]\n  }`;
}

function userText(user: WorldUser): string {
  const sides = [sideText('publish', user.publish), sideText('subscribe', user.subscribe)].filter(
    (text) => text !== '',
  );
  const permissions = sides.length === 0 ? '' : `, permissions: { ${sides.join(', ')} }`;
  return `{ user: ${JSON.stringify(user.name)}, password: ${JSON.stringify(passwordOf(user.name))}${permissions} }`;
}

function sideText(name: string, side: WorldSide | undefined): string {
  if (side === undefined) return '';
  const lists: string[] = [];
  if (side.allow !== undefined) lists.push(`allow: ${JSON.stringify(side.allow)}`);
  if (side.deny !== undefined) lists.push(`deny: ${JSON.stringify(side.deny)}`);
  return `${name}: { ${lists.join(', ')} }`;
}
