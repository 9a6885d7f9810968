import type { ConfigName } from './configs.ts';

/** A load that both servers are put under. The generator in `loadgen/` knows how to drive it. */
export interface Cell {
  readonly name: string;
  /** What the generator calls it; the cell's name by default. */
  readonly load?: string;
  /** How many of the `--messages` this cell moves: the dearer a message, the smaller the share. */
  readonly share: number;
  /** What is counted as one message. */
  readonly unit: string;
  /** Payload bytes; 128 by default. */
  readonly size?: number;
  readonly config?: ConfigName;
  /** `user:password@` of those who send and of those who receive. */
  readonly sender?: string;
  readonly receiver?: string;
  /** How they connect; plain TCP by default. */
  readonly scheme?: 'tls' | 'ws' | 'wss';
  /** What the real server's CPU per message divided by ours is meant to be at least. */
  readonly goal?: number;
}

/** Who sends, so that a message has to cross so many boundaries to account D. */
const BEHIND = ['d:d@', 'c:c@', 'b:b@', 'a:a@'];

/** Publish-subscribe through the accounts of the configuration `doors`. */
const CROSSING_PUBLISH: readonly Cell[] = BEHIND.map((sender, boundaries) => ({
  name: `cross-publish-${boundaries}`,
  load: 'publish-subscribe',
  share: 0.2,
  unit: `a delivery, over ${boundaries} service imports, without reply`,
  config: 'doors',
  sender,
  receiver: 'd:d@',
}));

const CROSSING_STREAM: Cell = {
  name: 'cross-stream-1',
  load: 'publish-subscribe',
  share: 0.2,
  unit: 'a delivery over a stream import',
  config: 'doors',
  sender: 'd:d@',
  receiver: 'e:e@',
};

const CROSSING_REQUEST: readonly Cell[] = BEHIND.map((sender, boundaries) => ({
  name: `cross-request-${boundaries}`,
  load: 'request',
  share: 0.03,
  unit: `a request with its reply over ${boundaries} service imports, 64 in flight`,
  config: 'doors',
  sender,
  receiver: 'd:d@',
}));

const LISTENERS = (['tls', 'ws', 'wss'] as const).map(
  (scheme): Cell => ({
    name: `${scheme}-publish-subscribe`,
    load: 'publish-subscribe',
    share: scheme === 'tls' ? 0.2 : 0.1,
    unit: `a delivery, both ends by ${scheme}`,
    config: scheme === 'tls' ? 'tls' : scheme === 'ws' ? 'websocket' : 'websocket-tls',
    scheme,
  }),
);

const ACKNOWLEDGED = 'a delivery with its acknowledgement';

/** All streams are in memory. */
const JETSTREAM: readonly Cell[] = [
  { name: 'js-publish', share: 0.1, unit: 'a publish with its acknowledgement, 500 in flight', goal: 3 },
  {
    name: 'js-publish-sync',
    share: 0.005,
    unit: 'a publish with its acknowledgement, one at a time',
    goal: 2,
  },
  { name: 'js-publish-batch', share: 0.1, unit: 'a publish, in atomic batches of 100', goal: 3 },
  { name: 'js-fetch', share: 0.05, unit: `${ACKNOWLEDGED}, pulled by 500`, goal: 3 },
  { name: 'js-consume', share: 0.05, unit: `${ACKNOWLEDGED}, pulled without a pause`, goal: 3 },
  { name: 'js-push', share: 0.05, unit: `${ACKNOWLEDGED}, pushed`, goal: 3 },
  { name: 'js-work-queue', share: 0.05, unit: `${ACKNOWLEDGED}, which removes the message`, goal: 3 },
  { name: 'js-direct-get', share: 0.02, unit: 'a message asked for by sequence, 64 in flight', goal: 2 },
  { name: 'kv-put', share: 0.02, unit: 'a put on one of 1,000 keys, 64 in flight', goal: 2 },
  { name: 'kv-get', share: 0.02, unit: 'a get of one of 1,000 keys, 64 in flight', goal: 2 },
  { name: 'kv-watch', share: 0.02, unit: 'a put that a watcher of all keys sees, 64 in flight', goal: 2 },
];

/** Every cell, in the order in which they run. */
export const CELLS: readonly Cell[] = [
  { name: 'publish-16', load: 'publish', share: 1, unit: 'a publish nobody receives', size: 16, goal: 1 },
  { name: 'publish', share: 1, unit: 'a publish nobody receives', goal: 1 },
  {
    name: 'publish-4096',
    load: 'publish',
    share: 0.25,
    unit: 'a publish nobody receives',
    size: 4096,
    goal: 1,
  },
  { name: 'publish-subscribe', share: 0.5, unit: 'a delivery, one subscriber', goal: 1.2 },
  { name: 'fan-out', share: 0.5, unit: 'a delivery, each publish to 4 subscribers', goal: 1.5 },
  { name: 'fan-out-32', share: 1, unit: 'a delivery, each publish to 32 subscribers', goal: 1.5 },
  { name: 'request', share: 0.05, unit: 'a request with its reply, 64 in flight', goal: 1 },
  { name: 'request-single', share: 0.005, unit: 'a request with its reply, one at a time', goal: 1 },
  ...JETSTREAM,
  ...CROSSING_PUBLISH,
  CROSSING_STREAM,
  ...CROSSING_REQUEST,
  ...LISTENERS,
];

/** The number of messages a cell moves when the whole run is scaled to `messages`. */
export function messagesOf(cell: Cell, messages: number): number {
  return Math.max(1, Math.round(messages * cell.share));
}

/** Those of a table named in a comma-separated list, in the order of the table; all without a list. */
export function select<T extends { readonly name: string }>(
  what: string,
  table: readonly T[],
  list: string | undefined,
): readonly T[] {
  if (list === undefined) return table;
  if (list === 'none') return [];
  const wanted = new Set(list.split(','));
  const selected = table.filter((each) => wanted.delete(each.name));
  if (wanted.size > 0) {
    const known = table.map((each) => each.name).join(', ');
    throw new Error(`no ${what} '${[...wanted].join("', '")}'; wanted some of ${known}, or none`);
  }
  return selected;
}
