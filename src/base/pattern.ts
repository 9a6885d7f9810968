import type { ByteString } from '../subjects/index.ts';

type TokenName<Token extends string> = Token extends `<${infer Name}…>`
  ? Name
  : Token extends `<${infer Name}>`
    ? Name
    : never;

type TokenNames<Subject extends string> = Subject extends `${infer Head}.${infer Rest}`
  ? TokenName<Head> | TokenNames<Rest>
  : TokenName<Subject>;

/** The named tokens of a subject pattern: `<stream>` is one token, `<filter…>` the rest of the subject. */
export type TokensOf<Subject extends string> = { readonly [Name in TokenNames<Subject>]: ByteString };

/** A token of a subject pattern: literal text, one named token, or a named rest. */
export type PatternToken =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' | 'rest'; readonly name: string };

/** The tokens of a pattern such as `$JS.API.DIRECT.GET.<stream>.<subject…>`. */
export function patternTokens(pattern: string): PatternToken[] {
  return pattern.split('.').map(patternToken);
}

function patternToken(token: string): PatternToken {
  const name = /^<(\w+)(…?)>$/.exec(token);
  if (name === null) return { kind: 'literal', text: token };
  return { kind: name[2] === '' ? 'one' : 'rest', name: name[1] ?? '' };
}
