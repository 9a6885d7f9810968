import { type ByteString, tokensOf } from '../subjects/index.ts';

/** The pattern that matches what both match; undefined when nothing does. One pattern is always enough. */
export function meet(a: ByteString, b: ByteString): ByteString | undefined {
  if (a === b || b === '>') return a;
  if (a === '>') return b;
  const left = tokensOf(a);
  const right = tokensOf(b);
  const both: string[] = [];
  for (let i = 0; ; i++) {
    const l = left[i];
    const r = right[i];
    if (l === undefined && r === undefined) return both.join('.') as ByteString;
    if (l === undefined || r === undefined) return undefined;
    if (l === '>') return [...both, ...right.slice(i)].join('.') as ByteString;
    if (r === '>') return [...both, ...left.slice(i)].join('.') as ByteString;
    const token = meetTokens(l, r);
    if (token === undefined) return undefined;
    both.push(token);
  }
}

function meetTokens(a: string, b: string): string | undefined {
  if (a === '*') return b;
  return b === '*' || a === b ? a : undefined;
}
