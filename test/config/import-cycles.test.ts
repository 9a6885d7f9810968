import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, fromTree, parseConfig } from '../../src/config/index.ts';
import { SubjectIndex } from '../../src/config/subject-index.ts';
import { type ByteString, isSubsetOf, overlaps, toBytes } from '../../src/subjects/index.ts';
import { configErrorOf, refusalOf } from './helpers.ts';

type Kind = 'stream' | 'service';

/** One import, with what its subject is called in the importing account. */
interface Door {
  readonly kind: Kind;
  readonly importer: string;
  readonly exporter: string;
  readonly subject: string;
  readonly local: string;
}

const ACCOUNTS = ['A', 'B', 'C', 'D'];
const EVERYTHING = [{ stream: '>' }, { service: '>' }];

/** Accounts that offer everything and take what the doors say. */
function treeOf(doors: readonly Door[]): object {
  const accounts = ACCOUNTS.map((name) => {
    const imports = doors
      .filter((door) => door.importer === name)
      .map(({ kind, exporter, subject, local }) => ({
        [kind]: { account: exporter, subject },
        ...(local === subject ? {} : { to: local }),
      }));
    return [name, { exports: EVERYTHING, imports }];
  });
  return { accounts: Object.fromEntries(accounts) };
}

/** Whether messages could come back to where they were, by the definition: all pairs, all ways. */
function hasCycle(doors: readonly Door[]): boolean {
  const places = [...new Set(doors.map((door) => `${door.kind} ${door.exporter} ${door.subject}`))];
  const reach = places.map((place) => {
    const [kind, account, subject = ''] = place.split(' ');
    const next = doors.filter(
      (door) =>
        door.kind === kind &&
        door.importer === account &&
        overlaps(toBytes(door.local), toBytes(subject)) &&
        // An account that takes from itself what it has is let be.
        !(door.exporter === account && door.subject === subject),
    );
    return new Set(next.map((door) => `${door.kind} ${door.exporter} ${door.subject}`));
  });
  for (let round = 0; round < places.length; round++) {
    for (const from of reach)
      for (const [k, place] of places.entries())
        if (from.has(place)) for (const further of reach[k] ?? []) from.add(further);
  }
  return places.some((place, i) => reach[i]?.has(place));
}

const literal = fc.constantFrom('a', 'b', 'a.b', 'b.a', 'a.a');
const pattern = fc.constantFrom('a.*', '*.b', '*', 'a.>', '>');
const door: fc.Arbitrary<Door> = fc
  .record({
    kind: fc.constantFrom<Kind>('stream', 'service'),
    importer: fc.constantFrom(...ACCOUNTS),
    exporter: fc.constantFrom(...ACCOUNTS),
    subject: fc.oneof(literal, pattern),
    to: fc.option(literal, { nil: undefined }),
  })
  .map(({ to, ...rest }) => ({
    ...rest,
    local: to === undefined || /[*>]/.test(rest.subject) ? rest.subject : to,
  }));
const doorsOf = fc.uniqueArray(door, {
  minLength: 3,
  maxLength: 9,
  selector: ({ kind, importer, exporter, subject, local }) =>
    [kind, importer, exporter, kind === 'service' ? local : subject].join(' '),
});

describe('cycles of imports', () => {
  it('are found exactly when there are some', () => {
    let cyclic = 0;
    fc.assert(
      fc.property(doorsOf, (doors) => {
        let problems: readonly string[] = [];
        try {
          fromTree(treeOf(doors));
        } catch (thrown) {
          if (!(thrown instanceof ConfigError)) throw thrown;
          problems = thrown.problems.map((problem) => problem.message);
        }
        for (const problem of problems) expect(problem).toMatch(/import forms a cycle \(/);
        expect(problems.length > 0).toBe(hasCycle(doors));
        if (problems.length > 0) cyclic++;
      }),
      { numRuns: 400, seed: 4 },
    );
    // The generator has to make both.
    expect(cyclic).toBeGreaterThan(40);
    expect(cyclic).toBeLessThan(360);
  });

  it('name every door on the way round', () => {
    const text = `accounts {
  A { exports: [{service: a}], imports: [{service: {account: B, subject: b}, to: a}] }
  B { exports: [{service: b}], imports: [{service: {account: C, subject: c}, to: b}] }
  C { exports: [{service: c}], imports: [{service: {account: A, subject: a}, to: c}] }
}`;
    expect(refusalOf(text)).toBe(
      'x.conf:2:42: Error adding service import "b": import forms a cycle (' +
        'B takes "c" of C as "b" at x.conf:3:42; C takes "a" of A as "c" at x.conf:4:42; ' +
        'A takes "b" of B as "a" at x.conf:2:42)',
    );
  });

  it('are found at any depth, without deep recursion', () => {
    const account = (i: number, next: number) =>
      `A${i} { exports: [{stream: s}], imports: [{stream: {account: A${next}, subject: s}}] }`;
    const chain = (count: number, last: string) =>
      `accounts {\n${Array.from({ length: count }, (_, i) => account(i, i + 1)).join('\n')}\n${last} }`;
    const open = chain(5000, 'A5000 { exports: [{stream: s}] }');
    expect(parseConfig(open).options.accounts).toHaveLength(5001);
    const message = refusalOf(chain(5000, account(5000, 0)));
    expect(message).toMatch(/import forms a cycle \(A1 takes "s" of A2 at x.conf:3:\d+; .* and 4995 more\)$/);
  });

  it('are looked for only where doors touch: a hub with many importers and many imports is quick', () => {
    const count = 3000;
    const hub = Array.from({ length: count }, (_, i) => ({
      service: { account: `P${i}`, subject: 'x' },
      to: `in.${i}`,
    }));
    const peers = Array.from({ length: count }, (_, i) => [
      `P${i}`,
      { exports: [{ service: 'x' }], imports: [{ service: { account: 'H', subject: `out.${i}` } }] },
    ]);
    const accounts = { H: { exports: [{ service: 'out.*' }], imports: hub }, ...Object.fromEntries(peers) };
    const before = process.cpuUsage();
    expect(fromTree({ accounts }).options.accounts).toHaveLength(count + 1);
    // All pairs would be nine million comparisons of each with each, and minutes for ten times as many.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
    const round = {
      H: {
        exports: [{ service: 'out.*' }],
        imports: [...hub, { service: { account: 'P7', subject: 'x' }, to: 'out.7' }],
      },
      P7: {
        exports: [{ service: 'x' }],
        imports: [{ service: { account: 'H', subject: 'out.7' }, to: 'x' }],
      },
    };
    const { problems } = configErrorOf(() => fromTree({ accounts: { ...accounts, ...round } }));
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringMatching(/import forms a cycle \(.* takes .* of .*; .* takes .* of .*\)$/),
    ]);
  });
});

describe('SubjectIndex', () => {
  const token = fc.constantFrom('a', 'b', '*');
  const subject = fc
    .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([tokens, open]) => toBytes([...tokens, ...(open ? ['>'] : [])].join('.')));
  const everything = fc.oneof(
    { weight: 9, arbitrary: subject },
    { weight: 1, arbitrary: fc.constant(toBytes('>')) },
  );

  it('finds what comparing one by one finds, few patterns or many', () => {
    fc.assert(
      fc.property(fc.array(everything, { maxLength: 80 }), everything, (patterns, wanted) => {
        const index = new SubjectIndex<number>();
        for (const [i, pattern] of patterns.entries()) {
          index.add(pattern, i);
          if (i === 40) index.overlapping(wanted);
        }
        const having = (test: (pattern: ByteString) => boolean) =>
          patterns.flatMap((pattern, i) => (test(pattern) ? [i] : []));
        const sorted = (found: number[]) => found.sort((a, b) => a - b);
        expect(sorted(index.overlapping(wanted))).toEqual(having((each) => overlaps(each, wanted)));
        expect(sorted(index.covering(wanted))).toEqual(having((each) => isSubsetOf(wanted, each)));
      }),
      { numRuns: 300 },
    );
  });
});
