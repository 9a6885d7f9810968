import { formatInstant } from '../../base/index.ts';
import { accountText } from '../../guard/index.ts';
import type { Consumer, Stream } from '../../jetstream/index.ts';
import type { OptionsOf } from '../request-options.ts';
import { type ReplyBody, ServiceError } from '../service.ts';
import type { AccountView, HouseView, SystemView } from '../view.ts';
import { accountJetStream, enabledAccounts, jetStreamConfig, jetStreamStats } from './jetstream.ts';
import { windowOf } from './page.ts';
import { nowText } from './times.ts';

/** What a report on JetStream may be asked for. */
export const JSZ_OPTIONS = {
  account: 'string',
  accounts: 'bool',
  streams: 'bool',
  consumer: 'bool',
  direct_consumer: 'bool',
  config: 'bool',
  leader_only: 'bool',
  offset: 'int',
  limit: 'int',
  raft: 'bool',
  stream_leader_only: 'bool',
} as const;

export type JszOptions = OptionsOf<typeof JSZ_OPTIONS>;

/** JetStream of the whole server, with its accounts and assets where they are asked for. */
export function jsz(server: SystemView, options: JszOptions): ReplyBody {
  const view = server.jetstream;
  if (view === undefined)
    return { ...NO_JETSTREAM, server_id: server.id, now: nowText(server), ...DISABLED, ...NOTHING };
  const enabled = enabledAccounts(server).sort((a, b) => (a.name < b.name ? -1 : 1));
  const sum = totals(enabled);
  const details = detailed(enabled, options).map((account) => accountDetail(server, account, options));
  return {
    ...jetStreamStats(server, view),
    server_id: server.id,
    now: nowText(server),
    config: jetStreamConfig(view, true),
    limits: {},
    streams: sum.streams,
    streams_leader: options.raft === true && sum.streams > 0 ? sum.streams : undefined,
    consumers: sum.consumers,
    consumers_leader: options.raft === true && sum.consumers > 0 ? sum.consumers : undefined,
    messages: sum.messages,
    bytes: sum.bytes,
    account_details: details.length === 0 ? undefined : details,
    total: enabled.length,
  };
}

/** What is said where JetStream is off (measured on 2.14.5). */
const NO_JETSTREAM = {
  memory: 0,
  storage: 0,
  reserved_memory: 0,
  reserved_storage: 0,
  accounts: 0,
  ha_assets: 0,
  api: { level: 0, total: 0, errors: 0 },
};
const DISABLED = { disabled: true, config: { max_memory: 0, max_storage: 0 } };
const NOTHING = { streams: 0, consumers: 0, messages: 0, bytes: 0, total: 0 };

/**
 * JetStream of one account.
 * @throws ServiceError
 */
export function accountJsz(
  house: HouseView,
  name: string,
  account: AccountView | undefined,
  options: JszOptions,
): ReplyBody {
  if (account === undefined) throw new ServiceError(`account "${name}" not found`);
  if (account.jetstream === undefined) throw new ServiceError(`account "${name}" not jetstream enabled`);
  return accountDetail(house, account, options);
}

function totals(accounts: readonly AccountView[]): typeof NOTHING {
  const sum = { ...NOTHING };
  for (const { jetstream } of accounts) {
    for (const stream of jetstream?.jetstream.streams.values() ?? []) {
      const { messages, bytes } = stream.state();
      sum.streams++;
      sum.consumers += stream.consumers.shownCount;
      sum.messages += messages;
      sum.bytes += bytes;
    }
  }
  return sum;
}

/** The accounts that are described: the named one, or a page of all. */
function detailed(enabled: readonly AccountView[], options: JszOptions): readonly AccountView[] {
  const { account, accounts, streams, consumer, config } = options;
  if (account !== undefined && account !== '') return enabled.filter(({ id }) => accountText(id) === account);
  const wanted = accounts === true || streams === true || consumer === true || config === true;
  if (!wanted) return [];
  const { start, end } = windowOf(enabled.length, options);
  return enabled.slice(start, end);
}

function accountDetail(house: HouseView, account: AccountView, options: JszOptions): ReplyBody {
  const { jetstream } = account;
  if (jetstream === undefined) return {};
  const { streams, consumer, config } = options;
  const withStreams = streams === true || consumer === true || config === true;
  const details = withStreams ? [...jetstream.jetstream.streams.values()] : [];
  return {
    ...accountJetStream(accountText(account.id), jetstream),
    stream_detail:
      details.length === 0 ? undefined : details.map((stream) => streamDetail(house, stream, options)),
  };
}

function streamDetail(house: HouseView, stream: Stream, options: JszOptions): ReplyBody {
  const consumers = options.consumer === true ? stream.consumers.shown() : [];
  return {
    name: stream.config.name,
    created: formatInstant(stream.created),
    cluster: { leader: house.name },
    config: options.config === true ? stream.config : undefined,
    state: stream.state(),
    consumer_detail:
      consumers.length === 0 ? undefined : consumers.map((one) => consumerDetail(one, options)),
  };
}

function consumerDetail(consumer: Consumer, options: JszOptions): ReplyBody {
  const { config, ...rest } = consumer.info();
  const { stream_name, name, created, ...state } = rest;
  return { stream_name, name, created, config: options.config === true ? config : undefined, ...state };
}
