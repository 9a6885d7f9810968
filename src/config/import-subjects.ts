import {
  type ByteString,
  ImportTransform,
  isLiteral,
  isValidSubject,
  TransformError,
  toBytes,
  toText,
} from '../subjects/index.ts';
import type { ImportOptions } from './options.ts';
import { Refusal } from './problems.ts';

/**
 * The subjects under which an import stands in the importing account, as one pattern.
 * @throws {Refusal} in the words of 2.14.5, where it would give subjects that are none.
 */
export function localSubjectOf(import_: ImportOptions): ByteString {
  const { subject, prefix, to } = import_;
  if (!isValidSubject(subject)) throw refused(import_, 'sublist: invalid subject');
  const local =
    prefix !== undefined ? prefixed(import_, prefix) : to === undefined ? subject : renamed(import_, to);
  if (!isValidSubject(local))
    throw refused(import_, `sublist: invalid subject (${JSON.stringify(toText(local))})`);
  return local;
}

function prefixed(import_: ImportOptions, prefix: ByteString): ByteString {
  if (isValidSubject(prefix) && !isLiteral(prefix))
    throw refused(import_, 'stream import prefix can not contain wildcard tokens');
  return toBytes(`${prefix}.`).concat(import_.subject) as ByteString;
}

function renamed(import_: ImportOptions, to: ByteString): ByteString {
  const { kind, subject } = import_;
  if (!isValidSubject(to) && !to.includes('{{'))
    throw refused(import_, `sublist: invalid subject (${JSON.stringify(toText(to))})`);
  try {
    return ImportTransform.parse(subject, to, kind).local;
  } catch (thrown) {
    if (!(thrown instanceof TransformError)) throw thrown;
    // A service is entered by its local subject, so that is the source of the transform.
    const [from, into] = kind === 'stream' ? [subject, to] : [to, subject];
    const what = `failed to create mapping transform for ${kind} import subject`;
    const ends = `from "${toText(from)}" to "${toText(into)}"`;
    throw refused(import_, `${what} ${ends}: ${thrown.message}`);
  }
}

/** A refusal of an import, at its place. */
export function refused({ kind, subject, at }: ImportOptions, reason: string): Refusal {
  return new Refusal(at, `Error adding ${kind} import "${toText(subject)}": ${reason}`);
}
