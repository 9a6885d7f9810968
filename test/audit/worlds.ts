import fc from 'fast-check';
import { ConfigError, fromTree, type ServerOptions } from '../../src/config/index.ts';
import type { ByteString } from '../../src/subjects/index.ts';

/** A service or stream as configurations write it. */
export interface DoorTree {
  readonly kind: 'stream' | 'service';
  readonly account: string;
  readonly subject: string;
  readonly to?: string;
  readonly prefix?: string;
}

export interface UserTree {
  readonly user: string;
  readonly publish?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  readonly subscribe?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
}

export interface AccountTree {
  readonly name: string;
  readonly users: readonly UserTree[];
  readonly exports: readonly { readonly kind: 'stream' | 'service'; readonly subject: string }[];
  readonly imports: readonly DoorTree[];
  readonly mappings: Readonly<Record<string, string>>;
}

export const NAMES = ['A', 'B', 'C'] as const;

const token = fc.constantFrom('a', 'b', '*');
const pattern = fc
  .tuple(fc.array(token, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([tokens, tail]) => (tail ? [tokens[0], '>'] : tokens).join('.'));
const wide = fc.constantFrom('a.>', 'b.>', '*.*', 'a.*', '*.b', '>', 'a.b');

/** What an import takes of an export: all of it, or a part. */
function partOf(subject: string): fc.Arbitrary<string> {
  const narrower = subject.split('.').map((word) => {
    if (word === '*') return fc.constantFrom('*', 'a', 'b');
    return word === '>' ? fc.constantFrom('>', '*', 'a', 'b.*') : fc.constant(word);
  });
  return fc.tuple(...narrower).map((words) => words.join('.'));
}

/** Another name for a subject: each wildcard once, in any order. */
function renaming(subject: string): fc.Arbitrary<string> {
  const count = subject.split('.').filter((word) => word === '*').length;
  if (subject.endsWith('>')) return fc.constant(subject);
  const references = Array.from({ length: count }, (_, at) => `$${at + 1}`);
  return fc
    .tuple(
      fc.shuffledSubarray(references, { minLength: count, maxLength: count }),
      fc.constantFrom('a', 'b', 'c'),
    )
    .map(([order, head]) => [head, ...order].join('.'));
}

const offer = fc.record({ kind: fc.constantFrom('stream' as const, 'service' as const), subject: wide });

function importOf(account: string, kind: 'stream' | 'service', exported: string): fc.Arbitrary<DoorTree> {
  return partOf(exported).chain((subject) =>
    fc.oneof(
      fc.constant<DoorTree>({ kind, account, subject }),
      renaming(subject).map(
        (to): DoorTree => (to === subject ? { kind, account, subject } : { kind, account, subject, to }),
      ),
      fc.constant<DoorTree>(
        kind === 'stream' ? { kind, account, subject, prefix: 'p' } : { kind, account, subject },
      ),
    ),
  );
}

const side = fc.option(
  fc.record(
    { allow: fc.array(pattern, { minLength: 1, maxLength: 2 }), deny: fc.array(pattern, { maxLength: 2 }) },
    { requiredKeys: [] },
  ),
  { nil: undefined, freq: 2 },
);

function user(name: string): fc.Arbitrary<UserTree> {
  return fc.record({ publish: side, subscribe: side }).map(({ publish, subscribe }) => ({
    user: name,
    ...(publish === undefined ? {} : { publish }),
    ...(subscribe === undefined ? {} : { subscribe }),
  }));
}

const mappings = fc.option(
  fc.constantFrom<Record<string, string>>(
    { 'a.*': 'b.$1' },
    { '*.b': 'a.$1.b' },
    { 'a.a': 'b.b', 'b.*': 'a.b' },
    { 'a.>': 'c.>' },
    { 'a.*.*': 'a.$2.$1', 'a.a.a': 'c' },
  ),
  { nil: {}, freq: 2 },
);

/** Three accounts with doors between them. Many are refused at load; those that are not are left. */
export const worlds: fc.Arbitrary<readonly AccountTree[]> = fc
  .tuple(...NAMES.map(() => fc.array(offer, { minLength: 1, maxLength: 2 })))
  .chain((offers) => {
    const accounts = NAMES.map((name, at) => {
      const from = NAMES.flatMap((other, there) =>
        other === name
          ? []
          : (offers[there] ?? []).map(({ kind, subject }) => importOf(other, kind, subject)),
      );
      return fc.record({
        name: fc.constant(name as string),
        users: fc.tuple(user(name.toLowerCase())),
        exports: fc.constant(offers[at] ?? []),
        imports: fc.array(fc.oneof(...from), { maxLength: 2 }),
        mappings,
      });
    });
    return fc.tuple(...accounts);
  });

/** The tree that `startServer` takes. */
export function treeOf(accounts: readonly AccountTree[]): Record<string, unknown> {
  const entries = accounts.map(({ name, users, exports, imports, mappings }) => [
    name,
    {
      users: users.map(({ user, publish, subscribe }) => ({
        user,
        password: user,
        permissions: {
          ...(publish === undefined ? {} : { publish }),
          ...(subscribe === undefined ? {} : { subscribe }),
        },
      })),
      exports: exports.map(({ kind, subject }) => ({ [kind]: subject })),
      imports: imports.map(({ kind, account, subject, ...rest }) => ({
        [kind]: { account, subject },
        ...rest,
      })),
      ...(Object.keys(mappings).length === 0 ? {} : { mappings }),
    },
  ]);
  return { accounts: Object.fromEntries(entries) };
}

/** The options of a world; undefined when it is refused. */
export function optionsOf(accounts: readonly AccountTree[]): ServerOptions | undefined {
  try {
    return fromTree(treeOf(accounts)).options;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Every subject of up to so many tokens. */
export function subjectsUpTo(length: number, tokens: readonly string[]): ByteString[] {
  let last: string[] = [...tokens];
  const all = [...last];
  for (let i = 1; i < length; i++) {
    last = last.flatMap((subject) => tokens.map((next) => `${subject}.${next}`));
    all.push(...last);
  }
  return all as ByteString[];
}
