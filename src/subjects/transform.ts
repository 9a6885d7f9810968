import type { ByteString } from './bytes.ts';
import { type Image, imagesOf } from './transform-image.ts';
import { parseDestination } from './transform-parse.ts';
import type { TransformChance } from './transform-parts.ts';
import { Rewriter } from './transform-rewriter.ts';
import { sourceOf } from './transform-source.ts';

/**
 * Subjects that match `source`, rewritten to `destination`: `$n` and `{{wildcard(n)}}` stand for what the n-th `*`
 * matched, `{{partition(…)}}`, `{{split(…)}}` and others are functions of it, all as nats-server 2.14.5 has them
 * (measured).
 */
export class SubjectTransform {
  readonly source: ByteString;
  readonly destination: ByteString;
  readonly #rewriter: Rewriter;

  private constructor(source: ByteString, destination: ByteString, rewriter: Rewriter) {
    this.source = source;
    this.destination = destination;
    this.#rewriter = rewriter;
  }

  /** @throws {TransformError} */
  static parse(source: ByteString, destination: ByteString): SubjectTransform {
    const from = sourceOf(source);
    return new SubjectTransform(source, destination, new Rewriter(from, parseDestination(from, destination)));
  }

  /** Whether chance has no part in it: the same subject always becomes the same. */
  get isDeterministic(): boolean {
    return this.#rewriter.isDeterministic;
  }

  /**
   * What a subject becomes; undefined when it does not match the source. The result is empty when it would be too
   * long, and `{{split(…)}}` may leave empty tokens: subjects that no subscription matches.
   */
  apply(subject: ByteString, chance: TransformChance): ByteString | undefined {
    return this.#rewriter.apply(subject, chance);
  }

  /**
   * What the subjects that match both `pattern` and the source become, as few patterns; none when no subject matches
   * both. Results that no subscription can match are left out.
   */
  imageOf(pattern: ByteString): readonly Image[] {
    return imagesOf(this.#rewriter, pattern);
  }
}
