import type { AccountOptions, PermissionsOptions, ServerOptions, UserOptions } from '../config/index.ts';
import type { AccountId, Principal } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes, toText } from '../subjects/index.ts';
import { type Hearing, hearable, hearingOf, publishable } from './rights.ts';
import type { SubjectSet } from './subject-set.ts';

/** Somebody who may log in. */
export interface Person {
  readonly name: string;
  readonly user: ByteString;
  /** Absent for a person that no line of the configuration names: the guest, whoever has the token. */
  readonly options?: UserOptions;
}

/** People of one account with the same permissions: what is true of one is true of all. */
export interface People {
  readonly persons: Person[];
  /** The first of them, to ask the guard with. */
  readonly principal: Principal;
  readonly permissions: PermissionsOptions | undefined;
  /** What they may publish, whether or not a mapping leaves it reachable. */
  readonly sends: SubjectSet;
  readonly hearings: readonly Hearing[];
  /** All that they may receive. */
  readonly hears: SubjectSet;
  /** The same text for the same permissions, in every account. */
  readonly key: string;
}

interface Rights {
  readonly key: string;
  readonly sends: SubjectSet;
  readonly hearings: readonly Hearing[];
  readonly hears: SubjectSet;
}

/** Puts people with the same permissions together. Rights are worked out once for each kind of permissions. */
export class PeopleFinder {
  readonly #keys = new WeakMap<PermissionsOptions, string>();
  readonly #rights = new Map<string, Rights>();

  groups(account: AccountId, persons: readonly [Person, PermissionsOptions | undefined][]): People[] {
    const groups = new Map<string, People>();
    for (const [person, permissions] of persons) {
      const key = this.#keyOf(permissions);
      const known = groups.get(key);
      if (known !== undefined) known.persons.push(person);
      else groups.set(key, this.#group(account, person, permissions, key));
    }
    return [...groups.values()];
  }

  #group(
    account: AccountId,
    person: Person,
    permissions: PermissionsOptions | undefined,
    key: string,
  ): People {
    const principal: Principal = {
      account,
      user: person.user,
      ...(permissions === undefined ? {} : { permissions }),
    };
    return { persons: [person], principal, permissions, ...this.#rightsOf(permissions, key) };
  }

  #keyOf(permissions: PermissionsOptions | undefined): string {
    if (permissions === undefined) return '';
    let key = this.#keys.get(permissions);
    if (key === undefined) {
      key = JSON.stringify(permissions, (name, value: unknown) => (name === 'at' ? undefined : value));
      this.#keys.set(permissions, key);
    }
    return key;
  }

  #rightsOf(permissions: PermissionsOptions | undefined, key: string): Rights {
    let rights = this.#rights.get(key);
    if (rights === undefined) {
      const hearings = hearable(permissions);
      rights = { key, sends: publishable(permissions), hearings, hears: hearingOf(hearings) };
      this.#rights.set(key, rights);
    }
    return rights;
  }
}

export const ANYBODY = '(anybody)';
export const TOKEN_HOLDER = '(token)';

/** The people of a declared account. */
export function peopleOf(account: AccountOptions): [Person, PermissionsOptions | undefined][] {
  return account.users.map((user) => [personOf(user), user.permissions ?? account.defaultPermissions]);
}

/** The people of the global account: users of the authorization block, whoever has the token, and guests. */
export function globalPeople(options: ServerOptions): [Person, PermissionsOptions | undefined][] {
  const people: [Person, PermissionsOptions | undefined][] = options.users.map((user) => [
    personOf(user),
    user.permissions ?? options.defaultPermissions,
  ]);
  if (options.token !== undefined) people.push([{ name: TOKEN_HOLDER, user: EMPTY_BYTES }, undefined]);
  if (entrance(options) !== 'closed') people.push([{ name: ANYBODY, user: EMPTY_BYTES }, undefined]);
  return people;
}

/**
 * Whether somebody without credentials gets into the global account: because nobody needs any, or because the only
 * users are those of the system account (a configured guest is a user like the others).
 */
export function entrance(options: ServerOptions): 'open' | 'beside the system account' | 'closed' {
  const { accounts, users, token, foreignLogin, authorizationDeclared, noAuthUser, systemAccount } = options;
  const known = users.length > 0 || accounts.some((account) => account.users.length > 0);
  if (!known && token === undefined && foreignLogin !== true) return 'open';
  const guarded = users.length > 0 || token !== undefined || authorizationDeclared === true;
  if (guarded || foreignLogin === true || noAuthUser !== undefined) return 'closed';
  return accounts.every((account) => account.name === systemAccount) ? 'beside the system account' : 'closed';
}

export function personOf(user: UserOptions): Person {
  const name = user.user ?? toBytes(user.nkey ?? '');
  return { name: toText(name), user: name, options: user };
}
