import { type PatternToken, patternTokens } from '../base/index.ts';
import { type ByteString, tokensOf } from '../subjects/index.ts';
import type { Endpoint } from './endpoint.ts';

export { patternTokens } from '../base/index.ts';

/** Names and values of a row's tokens in one request. */
export type BoundTokens = Readonly<Record<string, ByteString>>;

export interface Route {
  readonly row: Endpoint;
  readonly tokens: BoundTokens;
}

interface Compiled {
  readonly row: Endpoint;
  readonly pattern: readonly PatternToken[];
}

interface Node {
  readonly literal: Map<string, Node>;
  any?: Node;
  row?: Compiled;
  /** A row whose last named token takes the rest of the subject. */
  tail?: Compiled;
}

/** The rows by subject. Built once; finding allocates the tokens only. */
export class Routes {
  readonly #root: Node = { literal: new Map() };

  constructor(rows: readonly Endpoint[]) {
    for (const row of rows) this.#add(row);
  }

  /** The row that serves a subject, and its tokens. */
  find(subject: ByteString): Route | undefined {
    const words = tokensOf(subject);
    let node: Node | undefined = this.#root;
    for (const [depth, word] of words.entries()) {
      const next: Node | undefined = node.literal.get(word) ?? node.any;
      if (next === undefined) return node.tail === undefined ? undefined : bind(node.tail, words, depth);
      node = next;
    }
    return node.row === undefined ? undefined : bind(node.row, words, words.length);
  }

  #add(row: Endpoint): void {
    const compiled = { row, pattern: patternTokens(row.subject) };
    let node = this.#root;
    for (const token of compiled.pattern) {
      if (token.kind === 'rest') {
        node.tail = compiled;
        return;
      }
      node = token.kind === 'literal' ? literalOf(node, token.text) : anyOf(node);
    }
    if (node.row !== undefined) throw new TypeError(`two rows for ${row.subject}`);
    node.row = compiled;
  }
}

function anyOf(node: Node): Node {
  node.any ??= { literal: new Map() };
  return node.any;
}

function literalOf(node: Node, text: string): Node {
  let next = node.literal.get(text);
  if (next === undefined) {
    next = { literal: new Map() };
    node.literal.set(text, next);
  }
  return next;
}

function bind({ row, pattern }: Compiled, words: readonly ByteString[], rest: number): Route {
  const tokens: Record<string, ByteString> = {};
  for (const [at, token] of pattern.entries()) {
    if (token.kind === 'one') tokens[token.name] = words[at] as ByteString;
    if (token.kind === 'rest') tokens[token.name] = words.slice(rest).join('.') as ByteString;
  }
  return { row, tokens };
}

/** The subscription subject of an account-subject row for one stream and consumer: names filled in, the rest `>`. */
export function subscriptionSubject(row: Endpoint, names: BoundTokens): ByteString {
  const words = patternTokens(row.subject).map((token) => {
    if (token.kind === 'literal') return token.text;
    return token.kind === 'rest' ? '>' : (names[token.name] ?? '*');
  });
  return words.join('.') as ByteString;
}

/**
 * The subjects of requests that never leave the account, as patterns: the import of the API leaves them out. Everything
 * below such a row's literal beginning stays, also with a wrong number of tokens (measured on 2.14.5).
 */
export function servedInside(rows: readonly Endpoint[]): ByteString[] {
  const patterns = rows.flatMap((row) =>
    row.door === 'account-subject' && row.staysInside ? [below(row)] : [],
  );
  return [...new Set(patterns)];
}

function below(row: Endpoint): ByteString {
  const tokens = patternTokens(row.subject);
  const named = tokens.findIndex((token) => token.kind !== 'literal');
  return `${row.subject.split('.').slice(0, named).join('.')}.>` as ByteString;
}
