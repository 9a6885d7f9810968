import { type JsError, jsError } from './errors.ts';
import { normalizeStreamConfig } from './stream-config.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

/** A change that an update may not make: whether it is made, and the error that says so (texts measured on 2.14.5). */
interface Forbidden {
  readonly made: (before: StreamConfig, after: StreamConfig) => boolean;
  readonly err: string;
}

const FORBIDDEN: readonly Forbidden[] = [
  { made: (a, b) => a.storage !== b.storage, err: 'can not change storage type' },
  {
    made: (a, b) =>
      a.retention !== b.retention && (a.retention === 'workqueue' || b.retention === 'workqueue'),
    err: 'can not change retention policy to/from workqueue',
  },
  { made: (a, b) => a.persist_mode !== b.persist_mode, err: 'can not change persist mode' },
  { made: (a, b) => a.sealed && !b.sealed, err: 'can not unseal a sealed stream' },
  { made: (a, b) => a.deny_delete && !b.deny_delete, err: 'can not cancel deny message deletes' },
  { made: (a, b) => a.deny_purge && !b.deny_purge, err: 'can not cancel deny purge' },
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
  for (const { made, err } of FORBIDDEN) if (made(before, after)) throw refused(err);
  return sealedForm(after);
}

function refused(err: string): JsError {
  return jsError('JSStreamInvalidConfigF', { err: `stream configuration update ${err}` });
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
