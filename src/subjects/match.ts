import type { ByteString } from './bytes.ts';

const DOT = 0x2e;
const STAR = 0x2a;
const GREATER = 0x3e;

/** The offset behind the token that starts at `from`. */
function tokenEnd(subject: string, from: number): number {
  const dot = subject.indexOf('.', from);
  return dot === -1 ? subject.length : dot;
}

function isToken(subject: string, start: number, end: number, code: number): boolean {
  return end - start === 1 && subject.charCodeAt(start) === code;
}

function sameToken(
  a: string,
  aStart: number,
  aEnd: number,
  b: string,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a.charCodeAt(i) !== b.charCodeAt(j)) return false;
  return true;
}

/** How one side's token relates to the other's while two patterns are walked side by side. */
type TokenRule = (leftWild: boolean, rightWild: boolean) => boolean;

/**
 * Walks two patterns token by token. `fullWild` says what a `>` on either side decides; `star` says whether a pair
 * of tokens with at least one `*` agrees. Tokens without wildcards have to be equal.
 */
function walk(left: string, right: string, star: TokenRule, leftFull: boolean, rightFull: boolean): boolean {
  let i = 0;
  let j = 0;
  for (;;) {
    const iEnd = tokenEnd(left, i);
    const jEnd = tokenEnd(right, j);
    const leftIsFull = isToken(left, i, iEnd, GREATER);
    const rightIsFull = isToken(right, j, jEnd, GREATER);
    if (leftIsFull && rightIsFull) return true;
    if (leftIsFull) return leftFull;
    if (rightIsFull) return rightFull;
    const leftStar = isToken(left, i, iEnd, STAR);
    const rightStar = isToken(right, j, jEnd, STAR);
    if (leftStar || rightStar) {
      if (!star(leftStar, rightStar)) return false;
    } else if (!sameToken(left, i, iEnd, right, j, jEnd)) return false;
    const leftDone = iEnd === left.length;
    const rightDone = jEnd === right.length;
    if (leftDone || rightDone) return leftDone && rightDone;
    i = iEnd + 1;
    j = jEnd + 1;
  }
}

const always: TokenRule = () => true;
const onlyRight: TokenRule = (_left, right) => right;

/** Whether two patterns have at least one subject in common (as sets of literal subjects). */
export function overlaps(a: ByteString, b: ByteString): boolean {
  return walk(a, b, always, true, true);
}

/** Whether every subject that `inner` matches is matched by `outer` too. */
export function isSubsetOf(inner: ByteString, outer: ByteString): boolean {
  return walk(inner, outer, onlyRight, false, true);
}

/**
 * Whether a pattern matches a published subject. The subject is taken literally: a published `a.*` is matched by
 * `a.*` and `a.>` as any other last token would be (measured on 2.14.5).
 */
export function matches(pattern: ByteString, subject: ByteString): boolean {
  let i = 0;
  let j = 0;
  for (;;) {
    const iEnd = tokenEnd(pattern, i);
    const jEnd = tokenEnd(subject, j);
    if (jEnd === j) return false;
    if (isToken(pattern, i, iEnd, GREATER) && iEnd === pattern.length) return restIsWellFormed(subject, j);
    if (!isToken(pattern, i, iEnd, STAR) && !sameToken(pattern, i, iEnd, subject, j, jEnd)) return false;
    const patternDone = iEnd === pattern.length;
    const subjectDone = jEnd === subject.length;
    if (patternDone || subjectDone) return patternDone && subjectDone;
    i = iEnd + 1;
    j = jEnd + 1;
  }
}

/** Whether no token from `from` on is empty: `a..b` matches nothing, not even `>`. */
function restIsWellFormed(subject: string, from: number): boolean {
  if (subject.charCodeAt(subject.length - 1) === DOT) return false;
  return subject.indexOf('..', from) === -1;
}
