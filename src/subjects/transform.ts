import type { ByteString } from './bytes.ts';

/** A source and destination that make no transform, with the reason. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
}

/** Where a transform takes its chance from, for `{{random(n)}}`. */
export interface TransformChance {
  /** A whole number from 0 to below n. */
  below(n: number): number;
}

/** Subjects that match `source`, rewritten to `destination`: `$n`, `{{wildcard(n)}}`, `{{partition(n,…)}}` and others. */
export class SubjectTransform {
  readonly source: ByteString;
  readonly destination: ByteString;

  private constructor(source: ByteString, destination: ByteString) {
    this.source = source;
    this.destination = destination;
  }

  /** @throws {TransformError} */
  static parse(source: ByteString, destination: ByteString): SubjectTransform {
    return new SubjectTransform(source, destination);
  }

  /** The subject that a subject becomes; undefined when it does not match the source. */
  apply(_subject: ByteString, _chance: TransformChance): ByteString | undefined {
    throw new TransformError('not yet');
  }
}
