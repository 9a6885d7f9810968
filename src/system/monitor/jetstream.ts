import type { ReplyBody } from '../service.ts';
import type { AccountJetStreamView, AccountView, JetStreamView, SystemView } from '../view.ts';

/** How often a server with files syncs them, ns: configuration that is shown and has no effect in memory. */
const SYNC_INTERVAL_NS = 120_000_000_000;
/** How an unlimited reservation is shown (measured on 2.14.5). */
const UNLIMITED = 2n ** 64n - 1n;

/** JetStream's configuration; the directory only where it is asked for (measured on 2.14.5). */
export function jetStreamConfig(view: JetStreamView, withDirectory: boolean): ReplyBody {
  return {
    max_memory: view.maxMemory,
    max_storage: view.maxStorage,
    store_dir: withDirectory && view.storeDir !== '' ? view.storeDir : undefined,
    sync_interval: SYNC_INTERVAL_NS,
    domain: view.domain === '' ? undefined : view.domain,
    compress_ok: true,
    strict: view.strict,
  };
}

/** What JetStream of the whole server holds. */
export function jetStreamStats(server: SystemView, view: JetStreamView): ReplyBody {
  const sum = { memory: 0, storage: 0, reservedMemory: 0, reservedStorage: 0, accounts: 0 };
  for (const { jetstream } of enabledAccounts(server)) {
    const used = jetstream.jetstream.usage();
    const { maxMemory, maxStorage } = jetstream.jetstream.limits;
    sum.memory += used.memory;
    sum.storage += used.storage;
    sum.reservedMemory += Math.max(0, maxMemory);
    sum.reservedStorage += Math.max(0, maxStorage);
    sum.accounts++;
  }
  return {
    memory: sum.memory,
    storage: sum.storage,
    reserved_memory: sum.reservedMemory,
    reserved_storage: sum.reservedStorage,
    accounts: sum.accounts,
    ha_assets: 0,
    api: view.api,
  };
}

/** Configuration, use and limits, as VARZ and STATSZ show them. */
export function jetStreamPart(server: SystemView, withDirectory: boolean): ReplyBody {
  const view = server.jetstream;
  if (view === undefined) return {};
  return {
    config: jetStreamConfig(view, withDirectory),
    stats: jetStreamStats(server, view),
    limits: {},
  };
}

/** What one account's JetStream holds. */
export function accountJetStream(name: string, { jetstream, api }: AccountJetStreamView): ReplyBody {
  const used = jetstream.usage();
  return {
    name,
    id: name,
    memory: used.memory,
    storage: used.storage,
    reserved_memory: reservation(jetstream.limits.maxMemory),
    reserved_storage: reservation(jetstream.limits.maxStorage),
    accounts: 0,
    ha_assets: 0,
    api: { level: 0, total: api.total, errors: api.errors },
  };
}

function reservation(limit: number): number | bigint {
  return limit < 0 ? UNLIMITED : limit;
}

/** The accounts that have JetStream. */
export function enabledAccounts(
  server: SystemView,
): (AccountView & { readonly jetstream: AccountJetStreamView })[] {
  return server.accounts().filter((account) => hasJetStream(account));
}

function hasJetStream(
  account: AccountView,
): account is AccountView & { readonly jetstream: AccountJetStreamView } {
  return account.jetstream !== undefined;
}
