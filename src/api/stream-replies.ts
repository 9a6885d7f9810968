import { formatInstant } from '../base/index.ts';
import type { Stream } from '../jetstream/index.ts';
import type { ResponseBody } from './endpoint.ts';
import type { House } from './scope.ts';
import { API_LEVEL } from './view.ts';

/** A configuration as replies about one asset show it: the server adds its own level and version to the metadata. */
export function shownConfig<C extends { readonly metadata?: Readonly<Record<string, string>> }>(
  config: C,
  house: House,
): C {
  return {
    ...config,
    metadata: { ...config.metadata, '_nats.level': String(API_LEVEL), '_nats.ver': house.version },
  };
}

/**
 * A stream as CREATE, UPDATE and INFO show it; fields in the server's order.
 * @param place where it is, which only INFO tells.
 */
export function streamReply(
  stream: Stream,
  house: House,
  state: unknown = stream.state(),
  place: ResponseBody = {},
): ResponseBody {
  return {
    config: shownConfig(stream.config, house),
    created: formatInstant(stream.created),
    state,
    domain: domainOf(house),
    ...place,
    mirror: stream.inflows.mirror,
    sources: stream.inflows.sources,
  };
}

/** A stream as LIST shows it: without what the server adds to the metadata elsewhere (measured). */
export function streamEntry(stream: Stream, house: House): ResponseBody {
  return {
    config: stream.config,
    created: formatInstant(stream.created),
    state: stream.state(),
    domain: domainOf(house),
    mirror: stream.inflows.mirror,
    sources: stream.inflows.sources,
    ts: now(house),
  };
}

/** The domain, where one is configured. */
export function domainOf(house: House): string | undefined {
  return house.domain === '' ? undefined : house.domain;
}

/** The present moment, as replies show it. */
export function now(house: House): string {
  return formatInstant(house.clock.instant());
}
