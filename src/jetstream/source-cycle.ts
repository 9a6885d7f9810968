import { type ByteString, overlaps, toBytes } from '../subjects/index.ts';
import { isLocal, type SourceConfig } from './source-config.ts';
import type { StreamConfig } from './stream-schema.ts';

/** The configuration of another stream of the account, if there is one. */
export type ConfigOf = (name: ByteString) => StreamConfig | undefined;

/**
 * Whether what a stream takes from others could have come from itself. A way that leads back counts when its last step
 * takes everything, or subjects that some stream on the way has of its own; what other accounts do is not known here.
 */
export function formsCycle(config: StreamConfig, configOf: ConfigOf, domain: string): boolean {
  const seen = new Set<string>();
  const subjects: string[] = [];
  const back: SourceConfig[] = [];
  const open = [config];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    subjects.push(...(one.subjects ?? []));
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
  return back.some((source) => takesAny(source, subjects));
}

/** What a stream takes from streams of its own account. */
function originsOf({ mirror, sources = [] }: StreamConfig, domain: string): SourceConfig[] {
  const all = mirror === undefined ? sources : [mirror];
  return all.filter((source) => isLocal(source, domain));
}

/** Measured: only a single filter is asked, whatever the transforms say. */
function takesAny({ filter_subject: filter }: SourceConfig, subjects: readonly string[]): boolean {
  return filter === undefined || subjects.some((subject) => overlaps(toBytes(subject), toBytes(filter)));
}
