import type { ByteString } from './bytes.ts';

const DOT = 0x2e;
const STAR = 0x2a;
const GREATER = 0x3e;

/** Whether a character can stand in a subject: anything but space, tab, line feed, form feed and carriage return. */
function isSubjectChar(code: number): boolean {
  return code > 0x20 || (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0c && code !== 0x0d);
}

/**
 * Whether a subject is well formed for a subscription: tokens separated by dots, none empty, no white space, `>`
 * only as the last whole token (measured on 2.14.5).
 */
export function isValidSubject(subject: ByteString): boolean {
  for (let i = 0; i < subject.length; i++) if (!isSubjectChar(subject.charCodeAt(i))) return false;
  return hasValidTokens(subject);
}

/**
 * Whether the tokens of a subject allow a subscription: none empty, `>` only as the last one. Of white space only form
 * feeds and carriage returns can come with the protocol, and SUB takes those (measured on 2.14.5).
 */
export function hasValidTokens(subject: ByteString): boolean {
  const end = subject.length;
  let tokenStart = 0;
  for (let i = 0; i <= end; i++) {
    if (i !== end && subject.charCodeAt(i) !== DOT) continue;
    if (i === tokenStart) return false;
    if (i - tokenStart === 1 && subject.charCodeAt(tokenStart) === GREATER && i !== end) return false;
    tokenStart = i + 1;
  }
  return true;
}

/** Whether a subject names exactly one subject, white space aside: what pedantic connections may publish to. */
export function isPublishSubject(subject: ByteString): boolean {
  return hasValidTokens(subject) && isLiteral(subject);
}

/** Whether a well-formed subject has no wildcard token. `foo*` and `a.b>` are literal. */
export function isLiteral(subject: ByteString): boolean {
  const end = subject.length;
  for (let i = 0; i < end; i++) {
    const code = subject.charCodeAt(i);
    if (code !== STAR && code !== GREATER) continue;
    const opens = i === 0 || subject.charCodeAt(i - 1) === DOT;
    const closes = i + 1 === end || subject.charCodeAt(i + 1) === DOT;
    if (opens && closes) return false;
  }
  return true;
}

/** The tokens of a subject, in order. */
export function tokensOf(subject: ByteString): ByteString[] {
  return subject.split('.') as ByteString[];
}

/** The number of tokens of a subject. */
export function tokenCount(subject: ByteString): number {
  let count = 1;
  for (let i = 0; i < subject.length; i++) if (subject.charCodeAt(i) === DOT) count++;
  return count;
}
