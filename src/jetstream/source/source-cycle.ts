import { limits } from '../../base/index.ts';
import { type ByteString, overlaps, toBytes } from '../../subjects/index.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { isLocal, type SourceConfig } from './source-config.ts';

/** The configuration of another stream of the account, if there is one. */
export type ConfigOf = (name: ByteString) => StreamConfig | undefined;

/**
 * Whether what a stream takes from others could have come from itself. A way that leads back counts when its last step
 * takes everything, or subjects that some stream on the way has of its own; what other accounts do is not known here.
 * @returns undefined when that takes too long to find out ({@link limits.MAX_SUBJECT_COMPARISONS}).
 */
export function formsCycle(config: StreamConfig, configOf: ConfigOf, domain: string): boolean | undefined {
  const seen = new Set<string>();
  const subjects: string[] = [];
  const back: SourceConfig[] = [];
  const open = [config];
  let effort = 0;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    subjects.push(...(one.subjects ?? []));
    effort += (one.sources?.length ?? 0) + (one.subjects?.length ?? 0);
    if (effort > limits.MAX_SUBJECT_COMPARISONS) return undefined;
    for (const source of originsOf(one, domain)) {
      if (source.name === config.name) {
        if (one.mirror !== undefined) return true;
        back.push(source);
      } else if (!seen.has(source.name)) {
        seen.add(source.name);
        const next = configOf(toBytes(source.name));
        if (next !== undefined) open.push(next);
      }
    }
  }
  return anyTaken(back, subjects);
}

/** Measured: only a single filter is asked, whatever the transforms say. */
function anyTaken(back: readonly SourceConfig[], subjects: readonly string[]): boolean | undefined {
  const filters = new Set<string>();
  for (const { filter_subject: filter } of back) {
    if (filter === undefined) return true;
    filters.add(filter);
  }
  if (filters.size * subjects.length > limits.MAX_SUBJECT_COMPARISONS) return undefined;
  const taken = subjects.map(toBytes);
  return [...filters].map(toBytes).some((filter) => taken.some((subject) => overlaps(subject, filter)));
}

/** What a stream takes from streams of its own account. */
function originsOf({ mirror, sources = [] }: StreamConfig, domain: string): SourceConfig[] {
  const all = mirror === undefined ? sources : [mirror];
  return all.filter((source) => isLocal(source, domain));
}
