import { type JsError, jsError } from '../errors.ts';
import { checkCounter } from './stream-features.ts';
import { invalidConfig } from './stream-name.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

const UPDATE = 'stream configuration update';

/** A change that an update may not make: whether it is made, and the error that says so. */
interface Forbidden {
  readonly made: (before: StreamConfig, after: StreamConfig, input: StreamConfigInput) => boolean;
  readonly error: JsError;
}

/** In the order in which 2.14.5 asks, with its texts (measured pair by pair). */
const FORBIDDEN: readonly Forbidden[] = [
  {
    made: (a, b) => a.storage !== b.storage,
    error: invalidConfig(`${UPDATE} can not change storage type`),
  },
  {
    made: (a, b) =>
      a.retention !== b.retention && (a.retention === 'workqueue' || b.retention === 'workqueue'),
    error: invalidConfig(`${UPDATE} can not change retention policy to/from workqueue`),
  },
  {
    made: (a, b) => a.sealed && !b.sealed,
    error: invalidConfig(`${UPDATE} can not unseal a sealed stream`),
  },
  {
    made: (a, b) => a.deny_delete && !b.deny_delete,
    error: invalidConfig(`${UPDATE} can not cancel deny message deletes`),
  },
  {
    made: (a, b) => a.deny_purge && !b.deny_purge,
    error: invalidConfig(`${UPDATE} can not cancel deny purge`),
  },
  {
    // Measured: a stream may cease to be a mirror, and goes on as any other.
    made: (a, b) => b.mirror !== undefined && JSON.stringify(a.mirror) !== JSON.stringify(b.mirror),
    error: jsError('JSStreamMirrorNotUpdatableErr'),
  },
  {
    made: (a, b) => a.allow_msg_ttl && !b.allow_msg_ttl,
    error: invalidConfig('message TTL status can not be disabled'),
  },
  {
    made: (a, b) => a.allow_msg_counter !== b.allow_msg_counter,
    error: invalidConfig(`${UPDATE} can not change message counter setting`),
  },
  {
    made: (a, b) => a.allow_msg_schedules === true && b.allow_msg_schedules !== true,
    error: invalidConfig('message schedules can not be disabled'),
  },
  {
    made: (a, b) => a.persist_mode !== b.persist_mode,
    error: invalidConfig(`${UPDATE} can not change persist mode`),
  },
];

/**
 * The configuration a stream has after an update. Sealing denies deletes and purges, and nothing ages out or
 * makes room any more.
 * @param after what was asked for, valid in itself.
 * @throws JsError when the update changes what can not change.
 */
export function updatedConfig(
  before: StreamConfig,
  after: StreamConfig,
  input: StreamConfigInput,
): StreamConfig {
  // Measured: on update a counter may not have the times to live that delete markers bring with them either.
  checkCounter(after, { allow_msg_ttl: after.allow_msg_ttl });
  for (const { made, error } of FORBIDDEN) if (made(before, after, input)) throw error;
  return sealedForm(after);
}

function sealedForm(config: StreamConfig): StreamConfig {
  if (!config.sealed) return config;
  return {
    ...config,
    max_age: 0,
    discard: 'new',
    deny_delete: true,
    deny_purge: true,
    allow_rollup_hdrs: false,
  };
}
