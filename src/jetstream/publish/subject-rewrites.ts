import { isValidSubject, overlaps, SubjectTransform, TransformError, toBytes } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { StreamConfig, StreamConfigInput } from '../stream/stream-schema.ts';

type Republish = NonNullable<StreamConfigInput['republish']>;

/** What a pair of source and destination says; either may be missing. */
interface Rewrite {
  readonly src?: string;
  readonly dest?: string;
}

/**
 * How a stream's `subject_transform` or `republish` renames subjects; `undefined` without a destination, which asks
 * for nothing (measured on 2.14.5).
 * @throws {TransformError}
 */
export function rewriteOf(rewrite: Rewrite | undefined): SubjectTransform | undefined {
  if (rewrite === undefined || !rewrite.dest) return undefined;
  return SubjectTransform.parse(toBytes(rewrite.src ?? ''), toBytes(rewrite.dest));
}

/**
 * The two fields as replies show them: source and destination even when they are empty. A republish without a source
 * takes every subject.
 */
export function rewritesOf(input: StreamConfigInput): Pick<StreamConfig, 'subject_transform' | 'republish'> {
  const { subject_transform: transform, republish } = input;
  return {
    ...(transform ? { subject_transform: { src: transform.src ?? '', dest: transform.dest ?? '' } } : {}),
    ...(republish ? { republish: republishOf(republish) } : {}),
  };
}

function republishOf({ src, dest = '', headers_only }: Republish): NonNullable<StreamConfig['republish']> {
  return { src: src || '>', dest, ...(headers_only ? { headers_only } : {}) };
}

/** @throws JsError when the stream's subject transform is none. */
export function checkSubjectTransform({ subject_transform: transform }: StreamConfig): void {
  const src = transform?.src ?? '';
  if (src !== '' && !isValidSubject(toBytes(src))) {
    throw jsError('JSStreamTransformInvalidSource', { err: `invalid subject ${src}` });
  }
  const err = problemOf(transform);
  if (err !== undefined) throw jsError('JSStreamTransformInvalidDestination', { err });
}

/** @throws JsError when the republished messages would come back, or the renaming is none. */
export function checkRepublish({ republish, subjects = [] }: StreamConfig): void {
  if (republish === undefined) return;
  // Measured: the destination is compared as it is written, `$1` and functions too.
  if (subjects.some((subject) => overlaps(toBytes(subject), toBytes(republish.dest)))) {
    throw invalidRepublish('destination forms a cycle');
  }
  if (problemOf(republish) !== undefined) {
    throw invalidRepublish(`with transform from '${republish.src}' to '${republish.dest}' not valid`);
  }
}

function problemOf(rewrite: Rewrite | undefined): string | undefined {
  try {
    rewriteOf(rewrite);
    return undefined;
  } catch (error) {
    if (error instanceof TransformError) return error.message;
    throw error;
  }
}

function invalidRepublish(what: string): JsError {
  return jsError('JSStreamInvalidConfigF', { err: `stream configuration for republish ${what}` });
}

/** @throws JsError when a pedantic request leaves the source of a republish to the server. */
export function checkRepublishSource(
  _config: StreamConfig,
  { republish }: StreamConfigInput,
  pedantic: boolean,
): void {
  if (pedantic && republish && !republish.src) {
    throw jsError('JSPedanticErrF', { err: 'republish source can not be empty' });
  }
}
