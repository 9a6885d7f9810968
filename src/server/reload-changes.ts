import { formatDuration } from '../base/index.ts';
import type { ServerOptions } from '../config/index.ts';

const NS_PER_MS = 1e6;

type Show = (options: ServerOptions) => string | number | boolean;

const duration = (ms: number): string => formatDuration(ms * NS_PER_MS);

/** Single values that change while the server runs, by the name they have in nats-server's log (measured on 2.14.5). */
const LIVE_VALUES: readonly (readonly [string, Show])[] = [
  ['trace', ({ log }) => log.trace],
  ['debug', ({ log }) => log.debug],
  ['logtime', ({ log }) => log.time],
  ['logtime_utc', ({ log }) => log.timeUtc],
  ['max_traced_msg_len', ({ log }) => log.maxTracedBytes ?? 0],
  ['authorization timeout', ({ authTimeoutMs }) => duration(authTimeoutMs)],
  ['client_advertise', ({ clientAdvertise }) => clientAdvertise?.text ?? ''],
  ['max_connections', ({ maxConnections }) => maxConnections],
  ['max_control_line', ({ maxControlLine }) => maxControlLine],
  ['max_payload', ({ maxPayload }) => maxPayload],
  ['ping_interval', ({ pingIntervalMs }) => duration(pingIntervalMs)],
  ['ping_max', ({ pingMax }) => pingMax],
  ['write_deadline', ({ writeDeadlineMs }) => duration(writeDeadlineMs)],
  ['no_fast_producer_stall', ({ fastProducerStall }) => !fastProducerStall],
  ['server_tags', ({ tags }) => tags.join(' ')],
  ['pid_file', ({ pidFile }) => pidFile ?? ''],
  ['ports_file_dir', ({ portsFileDir }) => portsFileDir ?? ''],
  ['log_file', ({ log }) => log.file ?? ''],
];

/** What is different, one line each, without secrets. Accounts are always named: comparing them costs more than it says. */
export function changedKeys(before: ServerOptions, after: ServerOptions): string[] {
  const changes = ['authorization users', 'accounts'];
  if (before.token !== after.token) changes.push('authorization token');
  if ((before.jetstream === undefined) !== (after.jetstream === undefined)) changes.push('JetStream');
  for (const [name, show] of LIVE_VALUES) {
    const value = show(after);
    if (show(before) !== value) changes.push(`${name} = ${value}`);
  }
  return changes;
}
