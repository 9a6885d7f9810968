import type { Account } from '../accounts/index.ts';
import { ApiDispatch, type AuditRecord } from '../api/index.ts';
import type { Clock } from '../base/index.ts';
import {
  GLOBAL_ACCOUNT,
  globalJetStream,
  type JetStreamLimitsOptions,
  type JetStreamOptions,
  type ServerOptions,
} from '../config/index.ts';
import { accountText, type Guard } from '../guard/index.ts';
import { JetStream, SERVER_LIMITS, type ServerLimits } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { apiHost } from './api-host.ts';
import type { Directory } from './directory.ts';
import { accountEnv, type Power } from './jetstream-env.ts';
import type { LogSink } from './log.ts';
import type { ProcessMemory } from './memory-budget.ts';
import type { RunQueue } from './run-queue.ts';

/** What JetStream of the whole server is built from. */
export interface JetStreamHouseSetup {
  readonly options: ServerOptions;
  readonly jetstream: JetStreamOptions;
  readonly accounts: Directory;
  readonly guard: Guard;
  readonly runQueue: RunQueue;
  readonly memory: ProcessMemory;
  readonly clock: Clock;
  readonly serverName: string;
  readonly log: LogSink;
  /** Told behind every request of the API. */
  worked(): void;
}

/** JetStream of every account that has it, and the API in the system account, which is a service that tenants import. */
export class JetStreamHouse {
  readonly dispatch: ApiDispatch;
  readonly #byAccount = new Map<Account, JetStream>();
  readonly #power = new Map<Account, Power>();
  readonly #setup: JetStreamHouseSetup;

  constructor(setup: JetStreamHouseSetup) {
    this.#setup = setup;
    const { accounts, jetstream } = setup;
    this.dispatch = new ApiDispatch(
      apiHost({ ...setup, jetStreams: this.#byAccount, domain: jetstream.domain, strict: jetstream.strict }),
    );
    this.adopt(setup.options);
    if (accounts.system !== undefined) this.dispatch.start(accounts.system.id);
  }

  /**
   * Switches JetStream on and off as the accounts of a configuration want it, and sets its limits. What is switched off
   * ends without a word and is forgotten: it was in memory only.
   */
  adopt(options: ServerOptions): void {
    const wanted = new Map(enabledAccounts(options, this.#setup.accounts));
    for (const account of [...this.#byAccount.keys()]) if (!wanted.has(account)) this.#switchOff(account);
    for (const [account, limits] of wanted) {
      const known = this.#byAccount.get(account);
      if (known === undefined) this.#switchOn(account, limits);
      else known.limits = limits;
    }
  }

  /** The server stops: whoever waits for messages is told. */
  serverStops(): void {
    for (const jetStream of this.#byAccount.values()) jetStream.serverStops();
  }

  /** Ends all of it. */
  close(): void {
    for (const account of [...this.#byAccount.keys()]) this.#switchOff(account);
    this.dispatch.stop();
  }

  #switchOn(account: Account, limits: JetStreamLimitsOptions): void {
    const power = { isOn: true };
    const env = accountEnv({
      ...this.#setup,
      account,
      domain: this.#setup.jetstream.domain,
      assets: this.dispatch.assetObserverFor(account.id),
      power,
    });
    this.#power.set(account, power);
    this.#byAccount.set(account, new JetStream(env, limits, serverLimits(this.#setup.jetstream)));
  }

  #switchOff(account: Account): void {
    const power = this.#power.get(account);
    if (power !== undefined) power.isOn = false;
    this.#byAccount.get(account)?.deleteAll();
    this.#byAccount.delete(account);
    this.#power.delete(account);
  }

  /** JetStream by account, where it is on. */
  get byAccount(): ReadonlyMap<Account, JetStream> {
    return this.#byAccount;
  }

  /** The JetStream of an account; undefined where it is off. */
  of(account: Account): JetStream | undefined {
    return this.#byAccount.get(account);
  }

  /** Empties the JetStream of one account, or of all, and forgets what was asked of its API. */
  reset(only?: Account): void {
    const { stats, audit } = this.dispatch;
    for (const [account, jetstream] of this.#byAccount) {
      if (only !== undefined && account !== only) continue;
      jetstream.deleteAll();
      stats.of(jetstream).reset();
    }
    if (only === undefined) stats.server.reset();
    audit.forget(only && accountText(only.id));
  }

  auditRecords(): AuditRecord[] {
    return this.dispatch.audit.records();
  }
}

/**
 * What the configuration says, with the defaults of what it does not say. What it says of batches in a stream is for
 * both kinds (measured on 2.14.5), which differ by default.
 */
function serverLimits({ limits }: JetStreamOptions): ServerLimits {
  const said = Object.entries(limits ?? {}).filter(([, limit]) => limit > 0);
  const all: ServerLimits = { ...SERVER_LIMITS, ...Object.fromEntries(said) };
  const inStream = limits?.batchesPerStream ?? 0;
  return inStream > 0 ? { ...all, fastBatchesPerStream: inStream } : all;
}

function enabledAccounts(options: ServerOptions, accounts: Directory): [Account, JetStreamLimitsOptions][] {
  const enabled: [Account, JetStreamLimitsOptions][] = [];
  const add = (name: ByteString, limits: JetStreamLimitsOptions | undefined): void => {
    const account = accounts.named(name);
    if (account !== undefined && limits !== undefined) enabled.push([account, limits]);
  };
  add(GLOBAL_ACCOUNT, globalJetStream(options));
  for (const account of options.accounts) add(account.name, account.jetstream);
  return enabled;
}
