import { type ByteString, EMPTY_BYTES } from './bytes.ts';
import { isLiteral, tokensOf } from './subject.ts';
import { invalidDestination, invalidSubject } from './transform-error.ts';
import { type Image, imagesOf } from './transform-image.ts';
import { parseDestination } from './transform-parse.ts';
import type { Part, TransformChance } from './transform-parts.ts';
import { Rewriter } from './transform-rewriter.ts';
import { sourceOf, type TransformSource } from './transform-source.ts';

/** Imports know no chance: only wildcards may be named. */
const NO_CHANCE: TransformChance = { below: () => 0 };

type ImportKind = 'stream' | 'service';

/** A renaming, taken apart. */
interface Plan {
  readonly source: TransformSource;
  /** What `to` consists of. */
  readonly parts: readonly Part[];
  readonly local: TransformSource;
}

/** Both directions of a renaming. */
interface Ways {
  readonly toLocal: Rewriter;
  readonly toRemote: Rewriter;
}

/**
 * How an import renames subjects: each wildcard of the remote subject stands exactly once in the local one, so that
 * the way back is as clear as the way there.
 */
export class ImportTransform {
  /** The pattern in the exporting account. */
  readonly remote: ByteString;
  /** The pattern in the importing account: `to` with its references written as wildcards. */
  readonly local: ByteString;
  readonly #to: ByteString;
  readonly #kind: ImportKind;
  /** Made when the first message comes: a server may have many imports over which none ever does. */
  #ways: Ways | undefined;

  private constructor(remote: ByteString, to: ByteString, kind: ImportKind, local: ByteString) {
    this.remote = remote;
    this.local = local;
    this.#to = to;
    this.#kind = kind;
  }

  /**
   * @param remote the imported subject; a `$n` in it is an ordinary token (measured on 2.14.5).
   * @param to the subject in the importing account; the n-th plain `*` of it stands for `$n`. A service without
   *   wildcards may be asked under all subjects of a pattern (measured); its `toLocal` is that pattern.
   * @throws {TransformError}
   */
  static parse(remote: ByteString, to: ByteString, kind: ImportKind = 'stream'): ImportTransform {
    return new ImportTransform(remote, to, kind, planOf(remote, to, kind).local.pattern);
  }

  /** The subject in the importing account; undefined when it does not match {@link remote}. */
  toLocal(remoteSubject: ByteString): ByteString | undefined {
    return this.#compiled.toLocal.apply(remoteSubject, NO_CHANCE);
  }

  /** The subject in the exporting account; undefined when it does not match {@link local}. */
  toRemote(localSubject: ByteString): ByteString | undefined {
    return this.#compiled.toRemote.apply(localSubject, NO_CHANCE);
  }

  /** What the remote subjects that `pattern` matches are called in the importing account. */
  localImageOf(pattern: ByteString): readonly Image[] {
    return imagesOf(this.#compiled.toLocal, pattern);
  }

  /** What the local subjects that `pattern` matches are called in the exporting account. */
  remoteImageOf(pattern: ByteString): readonly Image[] {
    return imagesOf(this.#compiled.toRemote, pattern);
  }

  get #compiled(): Ways {
    this.#ways ??= compile(planOf(this.remote, this.#to, this.#kind));
    return this.#ways;
  }
}

function planOf(remote: ByteString, to: ByteString, kind: ImportKind): Plan {
  const source = sourceOf(remote);
  const parts = isLiteral(remote) ? literalParts(to, kind === 'service') : wildcardParts(source, to);
  return { source, parts, local: sourceOf(isLiteral(remote) ? to : patternOf(parts)) };
}

function compile({ source, parts, local }: Plan): Ways {
  return { toLocal: new Rewriter(source, parts), toRemote: new Rewriter(local, inverse(source, parts)) };
}

/** The parts of `to`: literals, and every wildcard of the source once. */
function wildcardParts(source: TransformSource, to: ByteString): Part[] {
  const numbered = withNumbers(to);
  const parts = parseDestination(source, numbered);
  const used = new Set<number>();
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'literal' || part.kind === 'rest') continue;
    if (part.kind !== 'token') {
      const token = tokensOf(numbered)[index] ?? EMPTY_BYTES;
      throw invalidDestination(
        'the only mapping function allowed for import transforms is {{Wildcard()}}',
        token,
      );
    }
    if (used.has(part.token)) throw invalidDestination('using a token wildcard more than once', numbered);
    used.add(part.token);
  }
  if (source.wildcards.some((token) => !used.has(token)) || used.size > source.wildcards.length)
    throw invalidDestination('not using all of the token wildcard(s)', numbered);
  return parts;
}

/** A subject without wildcards has no references in its new name (measured). */
function literalParts(to: ByteString, mayBePattern: boolean): Part[] {
  const { tokens, pattern } = sourceOf(to);
  if (!mayBePattern && !isLiteral(pattern)) throw invalidSubject();
  return tokens.map((text) => ({ kind: 'literal', text }));
}

function withNumbers(to: ByteString): ByteString {
  let count = 0;
  return tokensOf(to)
    .map((token) => (token === '*' ? `$${++count}` : token))
    .join('.') as ByteString;
}

function patternOf(parts: readonly Part[]): ByteString {
  return parts
    .map((part) => (part.kind === 'literal' ? part.text : part.kind === 'rest' ? '>' : '*'))
    .join('.') as ByteString;
}

/** The remote subject's tokens, each wildcard taken from where it stands in the local one. */
function inverse(source: TransformSource, parts: readonly Part[]): Part[] {
  return source.tokens.map((text, index) => {
    if (text === '>') return { kind: 'rest' };
    if (text !== '*') return { kind: 'literal', text };
    return { kind: 'token', token: parts.findIndex((part) => part.kind === 'token' && part.token === index) };
  });
}
