import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalsOf, outflowOf } from '../../src/audit/flows.ts';
import { publishedFor } from '../../src/audit/preimage.ts';
import { World } from '../../src/audit/world.ts';
import { matchesSubject } from '../../src/model/index.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { type AccountTree, type DoorTree, optionsOf, subjectsUpTo, worlds } from './worlds.ts';

const SUBJECTS = subjectsUpTo(3, ['a', 'b', 'c', 'q']);

/** Told again from the words of the configuration, one subject at a time and without sets. */
function walk(accounts: readonly AccountTree[], from: string, subject: string): string[] {
  const found = new Set<string>();
  const named = (name: string): AccountTree | undefined => accounts.find((account) => account.name === name);
  const follow = (at: string, name: string, passed: readonly string[]): void => {
    for (const door of named(at)?.imports ?? []) {
      if (door.kind !== 'service') continue;
      const remote = rename(name, localOf(door), door.subject, referencesOf(door));
      if (remote === undefined) continue;
      const offer = `${door.account} ${offerFor(named(door.account), door)}`;
      if (passed.includes(offer)) continue;
      found.add(`request ${door.account} ${remote}`);
      follow(door.account, remote, [...passed, offer]);
    }
  };
  follow(from, subject, []);
  for (const { name, imports } of accounts) {
    for (const door of imports) {
      if (door.kind !== 'stream' || door.account !== from || !matchesSubject(door.subject, subject)) continue;
      found.add(`message ${name} ${streamed(door, subject)}`);
    }
  }
  return [...found].sort();
}

function offerFor(exporter: AccountTree | undefined, { kind, subject }: DoorTree): string {
  const own = (exporter?.exports ?? []).filter((offer) => offer.kind === kind);
  return (
    own.find((offer) => offer.subject === subject) ?? own.find((offer) => covers(offer.subject, subject))
  )?.subject as string;
}

function covers(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  return (
    wide.every((word, at) => word === '>' || word === '*' || word === inner.split('.')[at]) &&
    (outer.endsWith('>') || wide.length === inner.split('.').length)
  );
}

function localOf({ subject, to }: DoorTree): string {
  return (to ?? subject).replace(/\$\d/g, '*');
}

/** For each wildcard of the local subject, which wildcard of the remote one it is. */
function referencesOf({ subject, to }: DoorTree): number[] {
  if (to === undefined)
    return subject
      .split('.')
      .flatMap((word, at, all) => (word === '*' ? [all.slice(0, at).filter((w) => w === '*').length] : []));
  return [...to.matchAll(/\$(\d)/g)].map(([, digit]) => Number(digit) - 1);
}

/** A subject of one pattern as the same subject of another one. */
function rename(
  subject: string,
  from: string,
  into: string,
  references: readonly number[],
): string | undefined {
  if (!matchesSubject(from, subject)) return undefined;
  if (from === into) return subject;
  const values: string[] = [];
  let wildcard = 0;
  for (const [at, word] of from.split('.').entries()) {
    if (word === '*') values[references[wildcard++] ?? 0] = subject.split('.')[at] ?? '';
  }
  let next = 0;
  return into
    .split('.')
    .map((word) => (word === '*' ? values[next++] : word))
    .join('.');
}

function streamed(door: DoorTree, subject: string): string {
  if (door.prefix !== undefined) return `${door.prefix}.${subject}`;
  if (door.to === undefined) return subject;
  const words = subject.split('.');
  const values = door.subject.split('.').flatMap((word, at) => (word === '*' ? [words[at]] : []));
  return door.to.replace(/\$(\d)/g, (_, digit: string) => values[Number(digit) - 1] ?? '');
}

const accepted = worlds
  .map((accounts) => ({ accounts, options: optionsOf(accounts) }))
  .filter(({ options }) => options !== undefined);

describe('outflowOf', () => {
  it('has exactly the crossings that a walk from door to door has', () => {
    let crossings = 0;
    fc.assert(
      fc.property(accepted, ({ accounts, options }) => {
        if (options === undefined) return;
        const world = new World({
          ...options,
          accounts: options.accounts.map((one) => ({ ...one, mappings: [] })),
        });
        for (const { name } of accounts) {
          const realm = world.named(toBytes(name));
          if (realm === undefined) throw new Error(`no account ${name}`);
          const outflow = outflowOf(realm, world, 1_000);
          for (const subject of SUBJECTS) {
            const told = arrivalsOf(outflow, subject).map(
              ({ kind, to, subject: there }) => `${kind} ${to.text} ${there}`,
            );
            const walked = walk(accounts, name, subject);
            expect([...new Set(told)].sort()).toEqual(walked);
            crossings += walked.length;
          }
        }
      }),
      { numRuns: 80 },
    );
    expect(crossings).toBeGreaterThan(200);
  });
});

describe('rangeOf', () => {
  const destinations = [
    'b.$1',
    'a.$1.b',
    'c.{{partition(3,1)}}',
    'c.{{partition(3,1)}}.$1',
    'd',
    '{{split(1,-)}}',
    'd.{{random(2)}}',
    'x.{{splitFromLeft(1,1)}}',
  ];

  it('has what each subject becomes, and for what it has exactly, something that becomes it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...destinations),
        fc.constantFrom('a.*', '*.b', 'a'),
        fc.constantFrom(100, 40),
        (to, source, weight) => {
          fc.pre(source !== 'a' || to === 'd' || to.includes('random'));
          const options = optionsOf([
            { name: 'A', users: [{ user: 'a' }], exports: [], imports: [], mappings: {} },
          ]);
          const [account] = options?.accounts ?? [];
          if (options === undefined || account === undefined) throw new Error('refused');
          const mapping = { source: toBytes(source), destinations: [{ subject: toBytes(to), weight }] };
          const world = new World({ ...options, accounts: [{ ...account, mappings: [mapping] }] });
          const { range } = world.named(toBytes('A')) ?? {};
          if (range?.subjects === undefined) throw new Error('no range');
          const reached = new Set<ByteString>();
          for (const subject of [...SUBJECTS, ...subjectsUpTo(2, ['a', 'b-c', 'x1', 'x2'])]) {
            if (!matchesSubject(source, subject) || weight < 100) reached.add(subject);
            for (const { transform } of range.routes) {
              for (const drawn of [0, 1]) {
                const made = transform.apply(subject, { below: () => drawn });
                if (made !== undefined) reached.add(made);
              }
            }
          }
          for (const subject of reached) expect(range.subjects.has(subject), subject).toBe(true);
          for (const subject of subjectsUpTo(2, ['a', 'b', '0', '1'])) {
            const published = publishedFor(range, subject);
            if (!range.subjects.has(subject)) expect(published).toBeUndefined();
            const isExact = range.subjects.terms.some(
              (term) =>
                !term.may &&
                matchesSubject(term.pattern, subject) &&
                !term.except.some((hole) => matchesSubject(hole, subject)),
            );
            if (isExact) expect(published, `${subject} of ${to}`).toBeDefined();
          }
        },
      ),
    );
  });
});
