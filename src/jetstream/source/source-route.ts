import type { Random } from '../../base/index.ts';
import { type ByteString, matches, SubjectTransform, toBytes } from '../../subjects/index.ts';
import { SubjectFilter } from '../store/filter.ts';
import { patternsOf, type SourceConfig } from './source-config.ts';

interface Rename {
  readonly pattern: ByteString;
  readonly transform: SubjectTransform | undefined;
}

/** Which subjects of an origin a mirror or a source takes, and under which names. */
export class SourceRoute {
  readonly filter: SubjectFilter;
  readonly #renames: readonly Rename[];
  readonly #random: Random;

  constructor(source: SourceConfig, random: Random) {
    this.filter = new SubjectFilter(patternsOf(source).map(toBytes));
    this.#random = random;
    this.#renames = (source.subject_transforms ?? []).map(renameOf);
  }

  /** What a subject that passes the filter is called here. */
  nameOf(subject: ByteString): ByteString {
    for (const { pattern, transform } of this.#renames) {
      if (!matches(pattern, subject)) continue;
      return transform?.apply(subject, this.#random) || subject;
    }
    return subject;
  }
}

function renameOf({ src, dest }: { readonly src: string; readonly dest: string }): Rename {
  const pattern = toBytes(src === '' ? '>' : src);
  return { pattern, transform: dest === '' ? undefined : SubjectTransform.parse(pattern, toBytes(dest)) };
}
