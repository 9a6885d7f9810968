import { jsError } from '../errors.ts';
import type { ConsumerConfigInput } from './consumer-config.ts';
import { type ConsumerContext, DEFAULT_ACK_WAIT_NS, positive, text } from './consumer-defaults.ts';

/** Below zero, others mean nothing by these. */
const NOT_NEGATIVE = [
  'max_waiting',
  'max_batch',
  'max_expires',
  'max_bytes',
  'idle_heartbeat',
  'inactive_threshold',
  'priority_timeout',
] as const;

/** What pedantic requests must spell out; asked before everything else (measured on 2.14.5). */
export function checkPedantic(
  input: ConsumerConfigInput,
  { stream, maxRequestBatch }: ConsumerContext,
): void {
  const refuse = (err: string): void => {
    throw jsError('JSPedanticErrF', { err });
  };
  for (const field of ['max_deliver', 'max_ack_pending'] as const)
    if ((input[field] ?? 0) < -1) refuse(`${field} must be set to -1`);
  for (const field of NOT_NEGATIVE) if ((input[field] ?? 0) < 0) refuse(`${field} must not be negative`);
  const first = input.backoff?.[0];
  const isWaitedFor = input.ack_policy === 'explicit' || input.ack_policy === 'all';
  const wait = positive(input.ack_wait) ?? (isWaitedFor ? DEFAULT_ACK_WAIT_NS : 0);
  if (first !== undefined && wait !== first) refuse('first backoff value has to equal batch AckWait');
  for (const field of ['max_ack_pending', 'inactive_threshold'] as const) {
    const isLimited = positive(stream.config.consumer_limits[field]) !== undefined;
    const isGiven = (input[field] ?? 0) !== 0;
    if (isLimited && !isGiven) refuse(`${field} must be set if it's configured in stream limits`);
  }
  const isPull = text(input.deliver_subject) === undefined;
  if (isPull && maxRequestBatch > 0 && (input.max_batch ?? 0) === 0) {
    refuse("max_request_batch must be set if it's JetStream limits are set");
  }
}
