import type { PermissionsOptions } from '../config/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';

/**
 * The identity of an account. Opaque: it has no readable part outside this folder, and only the guard compares two of
 * them, so that an account check cannot be written anywhere else.
 */
export class AccountId {
  readonly #name: ByteString;

  constructor(name: ByteString) {
    this.#name = name;
  }

  /** For the guard's own files; the folder's door does not export a way to call it. */
  static sameAs(a: AccountId, b: AccountId): boolean {
    return a.#name === b.#name;
  }

  static nameOf(id: AccountId): ByteString {
    return id.#name;
  }
}

/** The identity of the account with this name. */
export function accountId(name: ByteString): AccountId {
  return new AccountId(name);
}

/** The account's name as wire bytes, to write into subjects. Never compare it. */
export function accountBytes(id: AccountId): ByteString {
  return AccountId.nameOf(id);
}

/** The account's name as text, to show in logs, events and JSON. Never compare it. */
export function accountText(id: AccountId): string {
  return toText(AccountId.nameOf(id));
}

/** Who acts: the outcome of authentication, which every decision starts from. */
export interface Principal {
  readonly account: AccountId;
  /** User name or public nkey; empty for a user let in without credentials. */
  readonly user: ByteString;
  /** Absent: everything inside the account is allowed. */
  readonly permissions?: PermissionsOptions;
  /** How the client introduces itself, for `Nats-Request-Info` and events; claims, not facts. */
  readonly client?: ClientClaims;
}

/** What a client said of itself in CONNECT, and what the server knows of the connection. */
export interface ClientClaims {
  readonly id: number;
  readonly host: string;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  /** Start of the connection, RFC 3339. */
  readonly start: string;
  readonly kind: 'Client' | 'Leafnode' | 'System';
  readonly clientType: 'nats' | 'websocket' | 'in_process' | '';
}
