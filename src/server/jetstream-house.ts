import { type Account, importService, ServiceExport } from '../accounts/index.ts';
import { ApiDispatch, type AuditRecord, ENDPOINTS, servedInside } from '../api/index.ts';
import type { Clock } from '../base/index.ts';
import {
  GLOBAL_ACCOUNT,
  globalJetStream,
  type JetStreamLimitsOptions,
  type JetStreamOptions,
  type ServerOptions,
} from '../config/index.ts';
import type { Guard } from '../guard/index.ts';
import { JetStream } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { apiHost } from './api-host.ts';
import type { Directory } from './directory.ts';
import { accountEnv } from './jetstream-env.ts';
import type { LogSink } from './log.ts';
import type { ProcessMemory } from './memory-budget.ts';
import type { RunQueue } from './run-queue.ts';

const API_SUBJECTS = '$JS.API.>' as ByteString;

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
}

/** JetStream of every account that has it, and the API in the system account that every tenant imports. */
export class JetStreamHouse {
  readonly dispatch: ApiDispatch;
  readonly #byAccount = new Map<Account, JetStream>();

  constructor(setup: JetStreamHouseSetup) {
    const { accounts, jetstream } = setup;
    this.dispatch = new ApiDispatch(
      apiHost({ ...setup, jetStreams: this.#byAccount, domain: jetstream.domain, strict: jetstream.strict }),
    );
    for (const [account, limits] of enabledAccounts(setup)) {
      const env = accountEnv({
        ...setup,
        account,
        domain: jetstream.domain,
        assets: this.dispatch.assetObserverFor(account.id),
      });
      this.#byAccount.set(account, new JetStream(env, limits));
    }
    if (accounts.system !== undefined) this.#openDoors(accounts, accounts.system);
  }

  /** Empties the JetStream of all accounts. */
  reset(): void {
    for (const jetstream of this.#byAccount.values()) jetstream.deleteAll();
  }

  auditRecords(): AuditRecord[] {
    return this.dispatch.audit.records();
  }

  /**
   * The API is a service of the system account; every tenant imports it, also those without JetStream. Subjects that an
   * account serves itself do not cross.
   */
  #openDoors(accounts: Directory, system: Account): void {
    system.export(new ServiceExport(API_SUBJECTS));
    const except = servedInside(ENDPOINTS);
    for (const importer of accounts.tenants()) {
      importService({
        importer,
        exporter: system,
        local: API_SUBJECTS,
        remote: API_SUBJECTS,
        share: true,
        except,
      });
    }
    this.dispatch.start(system.id);
  }
}

function enabledAccounts({ options, accounts }: JetStreamHouseSetup): [Account, JetStreamLimitsOptions][] {
  const enabled: [Account, JetStreamLimitsOptions][] = [];
  const add = (name: ByteString, limits: JetStreamLimitsOptions | undefined): void => {
    const account = accounts.named(name);
    if (account !== undefined && limits !== undefined) enabled.push([account, limits]);
  };
  add(GLOBAL_ACCOUNT, globalJetStream(options));
  for (const account of options.accounts) add(account.name, account.jetstream);
  return enabled;
}
