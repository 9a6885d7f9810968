import {
  entryText,
  GLOBAL_ACCOUNT,
  type PermissionEntry,
  type PermissionsOptions,
  type Position,
  type ServerOptions,
  type SubjectPermission,
  type UserOptions,
} from '../config/index.ts';
import { type ByteString, isSubsetOf, toBytes, toText } from '../subjects/index.ts';
import { permissionsText } from './permissions-text.ts';

/** A user's place in the options. */
export interface UserPlace {
  readonly account: ByteString;
  readonly user: UserOptions;
}

/** One change of the configuration that may decide a question otherwise. */
export interface Edit {
  /** One sentence without its full stop. */
  readonly summary: string;
  readonly where: string;
  readonly at?: Position;
  /** The configuration with the change. */
  readonly options: ServerOptions;
  /** What to write. */
  readonly configuration: string;
  /** The pattern whose verdicts may change besides what was asked; absent: nothing else can. */
  readonly touches?: ByteString;
}

type Side = 'publish' | 'subscribe';

/** Where a user stands in the options; undefined when it is none of theirs. */
export function placeOf(options: ServerOptions, name: ByteString): UserPlace | undefined {
  const isNamed = (user: UserOptions): boolean => user.user === name || user.nkey === name;
  const global = options.users.find(isNamed);
  if (global !== undefined) return { account: GLOBAL_ACCOUNT, user: global };
  for (const account of options.accounts) {
    const user = account.users.find(isNamed);
    if (user !== undefined) return { account: account.name, user };
  }
  return undefined;
}

function withUser(options: ServerOptions, { account, user }: UserPlace, changed: UserOptions): ServerOptions {
  const swap = (users: readonly UserOptions[]): UserOptions[] =>
    users.map((each) => (each === user ? changed : each));
  if (options.users.includes(user)) return { ...options, users: swap(options.users) };
  return {
    ...options,
    accounts: options.accounts.map((each) =>
      each.name === account ? { ...each, users: swap(each.users) } : each,
    ),
  };
}

/** Makes an edit of what a user may do. */
function editPermissions(
  options: ServerOptions,
  place: UserPlace,
  permissions: PermissionsOptions,
  summary: string,
  touches?: ByteString,
): Edit {
  const { user } = place;
  return {
    summary,
    where: whereOf(place),
    ...(user.at === undefined ? {} : { at: user.at }),
    options: withUser(options, place, { ...user, permissions }),
    configuration: permissionsText(permissions),
    ...(touches === undefined ? {} : { touches }),
  };
}

/** Makes an edit of one side of what a user may do; the other one stays. */
function changeSide(
  options: ServerOptions,
  place: UserPlace,
  side: Side,
  changed: SubjectPermission,
  summary: string,
): Edit {
  return editPermissions(options, place, { ...place.user.permissions, [side]: changed }, summary);
}

function whereOf({ account, user }: UserPlace): string {
  return `user "${toText(user.user ?? toBytes(user.nkey ?? ''))}" of account "${toText(account)}"`;
}

function entry(subject: ByteString, queue: ByteString): PermissionEntry {
  return queue === '' ? { subject } : { subject, queue };
}

function shown(side: Side, what: 'allow' | 'deny', subject: ByteString, queue: ByteString): string {
  const text = entryText(entry(subject, queue));
  return `${JSON.stringify(text)} to what the user ${what === 'allow' ? 'may' : 'may not'} ${side}`;
}

/** Adds a subject to an allow list, and so makes one where there is a list at all. */
export function allowing(
  options: ServerOptions,
  place: UserPlace,
  side: Side,
  subject: ByteString,
  queue: ByteString,
): Edit {
  const permissions = place.user.permissions ?? {};
  const known = permissions[side];
  const isImplied = permissions.responses !== undefined && (known?.allow ?? []).length === 0;
  // allow_responses without an allow list stands for a deny of everything, which goes with the first entry of a list.
  const deny = known?.deny?.filter((each) => !(isImplied && side === 'publish' && each.subject === '>'));
  const changed: SubjectPermission = {
    allow: [...(known?.allow ?? []), entry(subject, queue)],
    ...(deny === undefined || deny.length === 0 ? {} : { deny }),
  };
  return changeSide(options, place, side, changed, `Add ${shown(side, 'allow', subject, queue)}`);
}

/** Denies a subject. */
export function denying(
  options: ServerOptions,
  place: UserPlace,
  side: Side,
  subject: ByteString,
  queue: ByteString,
): Edit {
  const known = place.user.permissions?.[side];
  const changed: SubjectPermission = { ...known, deny: [...(known?.deny ?? []), entry(subject, queue)] };
  return changeSide(options, place, side, changed, `Add ${shown(side, 'deny', subject, queue)}`);
}

/**
 * Takes a deny entry away. Where it is wider than what was asked there are two ways: allow lists that the entry had
 * emptied keep nothing but the subject; otherwise all that it covered comes free.
 */
export function undenying(
  options: ServerOptions,
  place: UserPlace,
  side: Side,
  denied: PermissionEntry,
  subject: ByteString,
  queue: ByteString,
): Edit[] {
  const permissions = place.user.permissions ?? {};
  const known = permissions[side];
  const deny = (known?.deny ?? []).filter((each) => each !== denied);
  const withSide = (allow: readonly PermissionEntry[] | undefined): PermissionsOptions => {
    const { [side]: _, ...others } = permissions;
    const changed = { ...(allow === undefined ? {} : { allow }), ...(deny.length === 0 ? {} : { deny }) };
    return allow === undefined && deny.length === 0 ? others : { ...others, [side]: changed };
  };
  const text = `Take the deny of ${JSON.stringify(entryText(denied))} away from what the user may ${side}`;
  const edits: Edit[] = [];
  const allow = known?.allow;
  if (allow !== undefined && allow.length > 0 && denied.subject !== subject) {
    const kept = allow.filter((each) => !isSubsetOf(each.subject, denied.subject));
    const narrowed = withSide([...kept, entry(subject, queue)]);
    const narrower = `${text}, and of what it covers allow only ${JSON.stringify(toText(subject))}`;
    if (kept.length < allow.length)
      edits.push(editPermissions(options, place, narrowed, narrower, denied.subject));
  }
  edits.push(editPermissions(options, place, withSide(allow), text, denied.subject));
  return edits;
}

/** Lets a user in over a kind of connection, or keeps it out. */
export function overKinds(
  options: ServerOptions,
  place: UserPlace,
  kinds: readonly string[],
  summary: string,
): Edit {
  const { user } = place;
  return {
    summary,
    where: whereOf(place),
    ...(user.at === undefined ? {} : { at: user.at }),
    options: withUser(options, place, { ...user, connectionTypes: kinds }),
    configuration: `allowed_connection_types: [${kinds.map((kind) => JSON.stringify(kind)).join(', ')}]`,
  };
}
