import type { ByteString } from './bytes.ts';
import { tokensOf } from './subject.ts';
import {
  bucketOf,
  cutInPieces,
  cutInTwo,
  HASH_START,
  hashOf,
  splitAtDelimiter,
} from './transform-functions.ts';
import type { Part } from './transform-parts.ts';
import type { Rewriter } from './transform-rewriter.ts';

/** Most patterns that one image is enumerated into; beyond them a number is a `*`. */
const MAX_IMAGES = 256;

/** Subjects that a transform can make, as a pattern. */
export interface Image {
  readonly pattern: ByteString;
  /** Whether every subject of the pattern can come out; otherwise some of them may not. */
  readonly exact: boolean;
}

/** What one part can become: any of these texts, which may have wildcards. */
interface Choice {
  readonly texts: readonly string[];
  readonly exact: boolean;
}

const ANY: Choice = { texts: ['*'], exact: true };
const SOME: Choice = { texts: ['*'], exact: false };
/** Any number of tokens from here to the end. */
const SOME_TOKENS: Choice = { texts: ['>'], exact: false };

/** The images of the subjects that match `pattern` and the rewriter's source. */
export function imagesOf(rewriter: Rewriter, pattern: ByteString): readonly Image[] {
  const inner = intersection(rewriter.source.tokens, tokensOf(pattern));
  if (inner === undefined) return [];
  const restFrom = rewriter.source.isFull ? rewriter.source.tokens.length - 1 : rewriter.source.tokens.length;
  const domain: Domain = { tokens: inner, rest: inner.slice(restFrom) };
  let exact = eachWildcardIsUsedOnce(rewriter.parts, domain, restFrom);
  let texts: string[] = [''];
  for (const [index, part] of rewriter.parts.entries()) {
    const choice = bounded(choiceOf(part, domain), texts.length);
    exact &&= choice.exact;
    const before = index === 0 ? '' : '.';
    texts = texts.flatMap((text) => choice.texts.map((next) => `${text}${before}${next}`));
    if (choice === SOME_TOKENS) break;
  }
  return texts.filter(isReachable).map((text) => ({ pattern: text as ByteString, exact }));
}

/** The subjects that an image is made of: source and asked pattern in one. */
interface Domain {
  readonly tokens: readonly string[];
  /** What stands where the source has its `>`. */
  readonly rest: readonly string[];
}

/** The pattern of the subjects that match both; undefined when there are none. */
function intersection(a: readonly string[], b: readonly string[]): string[] | undefined {
  const tokens: string[] = [];
  for (let i = 0; ; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined && right === undefined) return tokens;
    if (left === undefined || right === undefined) return undefined;
    if (left === '>') return [...tokens, ...b.slice(i)];
    if (right === '>') return [...tokens, ...a.slice(i)];
    if (left !== '*' && right !== '*' && left !== right) return undefined;
    tokens.push(left === '*' ? right : left);
  }
}

function choiceOf(part: Part, domain: Domain): Choice {
  switch (part.kind) {
    case 'literal':
      return { texts: [part.text], exact: true };
    case 'token':
      return overToken(part.token, domain, ANY, (token) => token);
    case 'partition':
      return partitionOf(part.buckets, part.tokens, domain);
    case 'random':
      return numbersBelow(Math.max(part.below, 1));
    case 'split':
      return overToken(part.token, domain, SOME_TOKENS, (token) => splitAtDelimiter(token, part.delimiter));
    case 'cut':
      return overToken(
        part.token,
        domain,
        part.at <= 0 ? ANY : { texts: ['*', '*.*'], exact: false },
        (token) => cutInTwo(token, part.at, part.fromRight),
      );
    case 'slice':
      return overToken(part.token, domain, part.size <= 0 ? ANY : SOME_TOKENS, (token) =>
        cutInPieces(token, part.size, part.fromRight),
      );
    case 'rest':
      return { texts: [domain.rest.join('.')], exact: true };
  }
}

/** What comes of a token that is known, or of any token. */
function overToken(index: number, domain: Domain, ofAny: Choice, ofOne: (token: string) => string): Choice {
  const token = domain.tokens[index];
  return token === undefined || isWild(token) ? ofAny : { texts: [ofOne(token)], exact: true };
}

function partitionOf(buckets: number, indexes: readonly number[], domain: Domain): Choice {
  const tokens = indexes.length === 0 ? domain.tokens : indexes.map((index) => domain.tokens[index] ?? '*');
  if (tokens.some(isWild)) return buckets < 0 ? SOME : numbersBelow(Math.max(buckets, 1));
  const bytes = tokens.join(indexes.length === 0 ? '.' : '') as ByteString;
  return { texts: [String(bucketOf(hashOf(HASH_START, bytes, 0, bytes.length), buckets))], exact: true };
}

function numbersBelow(count: number): Choice {
  if (count > MAX_IMAGES) return SOME;
  return { texts: Array.from({ length: count }, (_none, number) => String(number)), exact: true };
}

function bounded(choice: Choice, times: number): Choice {
  if (choice.texts.length * times <= MAX_IMAGES) return choice;
  return choice.exact ? SOME : SOME_TOKENS;
}

/** Where two parts depend on the same wildcard they do not vary freely. */
function eachWildcardIsUsedOnce(parts: readonly Part[], domain: Domain, restFrom: number): boolean {
  const used = new Set<number>();
  for (const part of parts) {
    for (const index of usedBy(part, domain, restFrom)) {
      if (!isWild(domain.tokens[index] ?? '')) continue;
      if (used.has(index)) return false;
      used.add(index);
    }
  }
  return true;
}

function usedBy(part: Part, domain: Domain, restFrom: number): Iterable<number> {
  switch (part.kind) {
    case 'literal':
    case 'random':
      return [];
    case 'partition':
      return part.tokens.length > 0 ? new Set(part.tokens) : domain.tokens.keys();
    case 'rest':
      return domain.rest.map((_token, index) => restFrom + index);
    default:
      return [part.token];
  }
}

function isWild(token: string): boolean {
  return token === '*' || token === '>';
}

/** Whether a subscription can match subjects like these: none of their tokens is empty. */
function isReachable(pattern: string): boolean {
  return pattern !== '' && !pattern.split('.').includes('');
}
