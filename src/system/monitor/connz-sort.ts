import { ServiceError } from '../service.ts';
import type { ConnectionView } from '../view.ts';
import { between } from './times.ts';

/** Which of two connections stands first; 0: their ids decide. */
export type ConnectionOrder = (a: ConnectionView, b: ConnectionView) => number;

type Measure = (connection: ConnectionView) => number;

const ascending =
  (measure: Measure): ConnectionOrder =>
  (a, b) =>
    measure(a) - measure(b);

const descending =
  (measure: Measure): ConnectionOrder =>
  (a, b) =>
    measure(b) - measure(a);

/** Activity has nanoseconds beside the milliseconds. */
const lastActivity: ConnectionOrder = (a, b) =>
  between(a.lastActivity, b.lastActivity) || b.lastActivity.ns - a.lastActivity.ns;

/** The orders by name (measured on 2.14.5: counters and activity from the greatest on). */
const ORDERS: ReadonlyMap<string, ConnectionOrder> = new Map<string, ConnectionOrder>([
  ['', ascending(({ id }) => id)],
  ['cid', ascending(({ id }) => id)],
  ['start', ascending(({ id }) => id)],
  ['subs', descending(({ subscriptionCount }) => subscriptionCount)],
  ['pending', descending(({ pendingBytes }) => pendingBytes)],
  ['msgs_to', descending(({ sent }) => sent.messages)],
  ['msgs_from', descending(({ received }) => received.messages)],
  ['bytes_to', descending(({ sent }) => sent.bytes)],
  ['bytes_from', descending(({ received }) => received.bytes)],
  ['last', lastActivity],
  ['idle', (a, b) => lastActivity(b, a)],
  ['uptime', descending(({ start }) => start.ms)],
  ['stop', descending(({ closed }) => closed?.at.ms ?? 0)],
  ['reason', (a, b) => compare(a.closed?.reason ?? '', b.closed?.reason ?? '')],
  ['rtt', descending(({ rttNs }) => rttNs)],
]);

/** Orders that only closed connections have. */
const OF_CLOSED = new Set(['stop', 'reason']);
const OPEN = 0;
const ALL = 2;

/**
 * The order that a request names.
 * @throws ServiceError for an unknown one, and one that the connections asked for do not have.
 */
export function orderOf(sort: string | undefined, state: number): ConnectionOrder {
  const name = sort ?? '';
  const order = ORDERS.get(name);
  if (order === undefined) throw new ServiceError(`invalid sorting option: ${name}`);
  if (OF_CLOSED.has(name) && (state === OPEN || state === ALL))
    throw new ServiceError(`sort by ${name} only valid on closed connections`);
  return order;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
