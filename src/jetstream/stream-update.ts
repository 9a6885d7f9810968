import { jsError } from './errors.ts';
import { normalizeStreamConfig } from './stream-config.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

const UPDATE = 'stream configuration update';

/** A change that an update may not make: whether it is made, and the error that says so. */
interface Forbidden {
  readonly made: (before: StreamConfig, after: StreamConfig) => boolean;
  readonly err: string;
}

/** In the order in which 2.14.5 asks, with its texts (measured pair by pair). */
const FORBIDDEN: readonly Forbidden[] = [
  { made: (a, b) => a.storage !== b.storage, err: `${UPDATE} can not change storage type` },
  {
    made: (a, b) =>
      a.retention !== b.retention && (a.retention === 'workqueue' || b.retention === 'workqueue'),
    err: `${UPDATE} can not change retention policy to/from workqueue`,
  },
  { made: (a, b) => a.sealed && !b.sealed, err: `${UPDATE} can not unseal a sealed stream` },
  { made: (a, b) => a.deny_delete && !b.deny_delete, err: `${UPDATE} can not cancel deny message deletes` },
  { made: (a, b) => a.deny_purge && !b.deny_purge, err: `${UPDATE} can not cancel deny purge` },
  { made: (a, b) => a.allow_msg_ttl && !b.allow_msg_ttl, err: 'message TTL status can not be disabled' },
  { made: (a, b) => a.persist_mode !== b.persist_mode, err: `${UPDATE} can not change persist mode` },
];

/**
 * The configuration a stream has after an update. Sealing denies deletes and purges, and nothing ages out or
 * makes room any more.
 * @throws JsError when the update is invalid or changes what can not change.
 */
export function updatedConfig(
  before: StreamConfig,
  input: StreamConfigInput,
  pedantic: boolean,
): StreamConfig {
  if (input.mirror !== undefined && input.mirror !== null) throw jsError('JSStreamMirrorNotUpdatableErr');
  const after = normalizeStreamConfig({ ...input, name: before.name }, pedantic);
  for (const { made, err } of FORBIDDEN)
    if (made(before, after)) throw jsError('JSStreamInvalidConfigF', { err });
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
