import type { Account, AnyExport, AnyImport, ClientInterest, Doors } from '../accounts/index.ts';
import type { Instant } from '../base/index.ts';
import { type AccountId, accountBytes } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type {
  AccountJetStreamView,
  AccountView,
  ConnectionView,
  SubscriptionView,
  Traffic,
} from '../system/index.ts';
import type { JetStreamHouse } from './jetstream-house.ts';
import type { ConnectionBook } from './system-book.ts';
import { subscriptionsIn } from './system-connections.ts';

/** What the view of one account is made from. */
export interface AccountViewParts {
  readonly book: ConnectionBook;
  readonly doors: Doors;
  readonly isSystem: boolean;
  jetstream(): JetStreamHouse | undefined;
  mappings(): AccountView['mappings'];
  updated(): Instant;
  cidOf(interest: ClientInterest): number;
}

/** One account, as monitoring sees it: nothing in it leads to another one. */
export class ServerAccountView implements AccountView {
  readonly account: Account;
  readonly isSystem: boolean;
  readonly #parts: AccountViewParts;

  constructor(account: Account, parts: AccountViewParts) {
    this.account = account;
    this.isSystem = parts.isSystem;
    this.#parts = parts;
  }

  get id(): AccountId {
    return this.account.id;
  }

  get name(): ByteString {
    return accountBytes(this.account.id);
  }

  get updated(): Instant {
    return this.#parts.updated();
  }

  get exports(): readonly AnyExport[] {
    return this.#parts.doors.exportsOf(this.account);
  }

  get imports(): readonly AnyImport[] {
    return this.#parts.doors.importsOf(this.account);
  }

  get mappings(): AccountView['mappings'] {
    return this.#parts.mappings();
  }

  get received(): Traffic {
    return this.#parts.book.trafficOf(this.account).received;
  }

  get sent(): Traffic {
    return this.#parts.book.trafficOf(this.account).sent;
  }

  get slowConsumers(): number {
    return this.#parts.book.of(this.account).slowConsumers;
  }

  get connectionCount(): number {
    return this.account.connections;
  }

  get jetstream(): AccountJetStreamView | undefined {
    const house = this.#parts.jetstream();
    const jetstream = house?.of(this.account);
    if (house === undefined || jetstream === undefined) return undefined;
    return { jetstream, api: house.dispatch.stats.of(jetstream) };
  }

  connections(): readonly ConnectionView[] {
    const { book } = this.#parts;
    return [...book.of(this.account).live].map((connection) => book.viewOf(connection));
  }

  closedConnections(): readonly ConnectionView[] {
    return this.#parts.book.of(this.account).closed.items();
  }

  subscriptions(): readonly SubscriptionView[] {
    return subscriptionsIn(this.account, this.#parts.cidOf);
  }
}
