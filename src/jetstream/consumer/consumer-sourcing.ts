import type { ConsumerConfigInput } from './consumer-config.ts';
import type { ConsumerStream } from './consumer-stream.ts';

/**
 * What a mirror or a source asks for, as its origin makes it. Mirrors ask without knowing how the origin keeps its
 * messages: where it does so only until they are acknowledged, the consumer becomes a durable one that acknowledges
 * by flow control (measured on 2.14.5).
 */
export function sourcingForm(input: ConsumerConfigInput, { config }: ConsumerStream): ConsumerConfigInput {
  if (input.sourcing !== true || input.direct !== true || config.retention === 'limits') return input;
  const {
    direct: _direct,
    ack_wait: _wait,
    inactive_threshold: _threshold,
    max_deliver: _max,
    ...rest
  } = input;
  return { ...rest, durable_name: input.name ?? '', ack_policy: 'flow_control' };
}

/** Whether a consumer takes part in the rule that no two consumers of a work queue want the same message. */
export function competes({ sourcing }: { readonly sourcing?: boolean }): boolean {
  return sourcing !== true;
}
