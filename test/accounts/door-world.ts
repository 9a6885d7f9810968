import { type Account, type BuiltinDoors, Doors } from '../../src/accounts/index.ts';
import {
  type AccountOptions,
  BARE_ACCOUNT,
  type ExportOptions,
  type ImportOptions,
} from '../../src/config/index.ts';
import type { ClientClaims } from '../../src/guard/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { Mailbox, messageOf, World } from './support.ts';

type ExportExtra = Partial<Omit<ExportOptions, 'kind' | 'subject' | 'accounts'>> & { accounts?: string[] };
type ImportExtra = { to?: string; prefix?: string; share?: boolean };

function offer(kind: 'stream' | 'service', subject: string, extra: ExportExtra = {}): ExportOptions {
  const { accounts, ...rest } = extra;
  return {
    kind,
    subject: toBytes(subject),
    responseType: 'singleton',
    thresholdMs: 1_000,
    allowTrace: false,
    ...rest,
    ...(accounts === undefined ? {} : { accounts: accounts.map(toBytes) }),
  };
}

function take(
  kind: 'stream' | 'service',
  account: string,
  subject: string,
  extra: ImportExtra = {},
): ImportOptions {
  return {
    kind,
    account: toBytes(account),
    subject: toBytes(subject),
    share: extra.share ?? false,
    allowTrace: false,
    ...(extra.to === undefined ? {} : { to: toBytes(extra.to) }),
    ...(extra.prefix === undefined ? {} : { prefix: toBytes(extra.prefix) }),
  };
}

/** Doors as a configuration would say them: `offers.service('svc.>')`, `takes.stream('A', 'pub.>', { prefix: 'p' })`. */
export const offers = {
  service: (subject: string, extra?: ExportExtra) => offer('service', subject, extra),
  stream: (subject: string, extra?: ExportExtra) => offer('stream', subject, extra),
};
export const takes = {
  service: (account: string, subject: string, extra?: ImportExtra) =>
    take('service', account, subject, extra),
  stream: (account: string, subject: string, extra?: ImportExtra) => take('stream', account, subject, extra),
};

/** The doors of a world: for each account what it offers and takes. */
export type Plan = Readonly<
  Record<string, { readonly exports?: ExportOptions[]; readonly imports?: ImportOptions[] }>
>;

/** Accounts with doors between them, on a clock that the test moves. */
export class DoorWorld extends World {
  readonly #accounts = new Map<string, Account>();
  readonly doors: Doors;
  readonly #builtin: BuiltinDoors;

  constructor(plan: Plan, system?: string, builtin: BuiltinDoors = {}) {
    super();
    this.#builtin = builtin;
    const systemAccount = system === undefined ? undefined : this.of(system);
    this.doors = new Doors({
      system: systemAccount,
      named: (name) => this.#accounts.get(name),
      tenants: () => [...this.#accounts.values()].filter((account) => account !== systemAccount),
    });
    this.apply(plan);
  }

  /** Goes over to other doors; accounts that the plan leaves out are gone. */
  apply(plan: Plan): void {
    for (const name of this.#accounts.keys())
      if (!(name in plan) && name !== 'SYS') this.#accounts.delete(name);
    for (const name of Object.keys(plan)) this.of(name);
    const options = Object.entries(plan).map(
      ([name, { exports = [], imports = [] }]): AccountOptions => ({
        ...BARE_ACCOUNT,
        name: toBytes(name),
        exports,
        imports,
      }),
    );
    this.doors.apply(options, this.#builtin);
  }

  of(name: string): Account {
    let account = this.#accounts.get(name);
    if (account === undefined) {
      account = this.account(name);
      this.#accounts.set(name, account);
    }
    return account;
  }

  /** A client of an account, with its subscriptions: `subject` or `subject queue`. */
  client(account: string, ...subjects: string[]): Client {
    return new Client(this, this.of(account), subjects);
  }

  /** Delivers what accounts queued. */
  settle(): void {
    for (const { account, subject, payload } of this.emitted.splice(0)) {
      const message = messageOf(subject, payload.toString());
      account.deliver(subject, message, account.ownSender);
    }
  }
}

const CLAIMS: ClientClaims = {
  id: 7,
  host: '127.0.0.1',
  name: 'app',
  lang: 'ts',
  version: '1',
  start: '2026-01-01T00:00:00Z',
  kind: 'Client',
  clientType: 'nats',
};

/** Somebody who subscribes and publishes in one account. */
export class Client extends Mailbox {
  readonly home: Account;
  readonly #interests;

  constructor(world: World, home: Account, subjects: readonly string[]) {
    super(home, CLAIMS);
    this.home = home;
    this.#interests = subjects.map((text, i) => {
      const [subject = '', queue = ''] = text.split(' ');
      return world.subscribe(home, this, subject, String(i + 1), queue);
    });
  }

  /** @returns how many received it. */
  publish(subject: string, payload = '', reply = '', header = ''): number {
    return this.home.deliver(toBytes(subject), messageOf(subject, payload, reply, header), this.sender);
  }

  unsubscribeAll(): void {
    for (const interest of this.#interests) this.home.remove(interest);
  }

  /** What came since the last look, as `subject payload`. */
  news(): string[] {
    return this.got.splice(0).map(({ subject, payload }) => `${subject} ${payload}`.trim());
  }

  /** The reply subject of the request that came last. */
  get lastReply(): string {
    return this.got.at(-1)?.reply ?? '';
  }
}
