import { toBytes } from '../../subjects/index.ts';
import { type JsErrorName, jsError } from '../errors.ts';
import { invalidConfig } from '../stream/stream-name.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import type { SourceConfig } from './source-config.ts';
import { type ConfigOf, formsCycle } from './source-cycle.ts';

/**
 * A configuration held against the streams it takes from: a mirror answers direct requests where its origin does.
 * @param pedantic refuse what would otherwise be adjusted.
 * @throws JsError when it takes from itself, or its messages may be smaller than its origin's.
 */
export function settledWithOrigins(
  config: StreamConfig,
  configOf: ConfigOf,
  pedantic: boolean,
  domain: string,
): StreamConfig {
  const { mirror, sources = [] } = config;
  if (mirror === undefined && sources.length === 0) return config;
  const isCycle = formsCycle(config, configOf, domain);
  if (isCycle === undefined) throw jsError('JSInsufficientResourcesErr');
  if (isCycle) throw invalidConfig('detected cycle');
  for (const source of sources)
    checkSize(config, originOf(source, configOf), 'JSSourceMaxMessageSizeTooBigErr');
  if (mirror === undefined) return config;
  const origin = originOf(mirror, configOf);
  checkSize(config, origin, 'JSMirrorMaxMessageSizeTooBigErr');
  if (origin === undefined || origin.allow_direct === config.mirror_direct) return config;
  if (pedantic) {
    const err = 'origin stream has direct get set, mirror has it disabled';
    throw jsError('JSPedanticErrF', { err });
  }
  return { ...config, mirror_direct: origin.allow_direct };
}

function originOf({ name, external }: SourceConfig, configOf: ConfigOf): StreamConfig | undefined {
  return external === undefined ? configOf(toBytes(name)) : undefined;
}

function checkSize(config: StreamConfig, origin: StreamConfig | undefined, error: JsErrorName): void {
  const [own = -1, theirs = -1] = [config.max_msg_size, origin?.max_msg_size];
  if (own > 0 && theirs > 0 && own < theirs) throw jsError(error);
}
