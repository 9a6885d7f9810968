import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExportOptions, ImportOptions } from '../../src/config/index.ts';
import { DoorWorld, offers, type Plan, takes } from './door-world.ts';

const OPEN: Plan = {
  A: { exports: [offers.service('svc', { responseType: 'stream' }), offers.stream('pub.>')] },
  B: { imports: [takes.service('A', 'svc'), takes.stream('A', 'pub.>')] },
  C: { imports: [takes.service('A', 'svc'), takes.stream('A', 'pub.>')] },
};

/** A world where B and C have asked, with the reply subjects that A knows. */
function asked(plan: Plan = OPEN) {
  const world = new DoorWorld(plan);
  const service = world.client('A', 'svc');
  const askers = ['B', 'C'].map((name) => world.client(name, 'inbox', 'pub.x'));
  for (const asker of askers) asker.publish('svc', 'q', 'inbox');
  const backs = service.got.map(({ reply }) => reply);
  const answers = () => backs.map((back) => service.publish(back, 'a'));
  const asks = () => askers.map((asker) => asker.publish('svc', 'q'));
  const published = () => {
    for (const asker of askers) asker.got.length = 0;
    service.publish('pub.x', 'm');
    return askers.map((asker) => asker.news().length);
  };
  return { world, answers, asks, published };
}

const onlyC = { accounts: ['C'] };

describe('a change of doors', () => {
  test('to the same ones touches nothing', () => {
    const { world, answers, published } = asked();
    const generation = world.guard.generation;
    const doors = world.doors.importsOf(world.of('B'));
    world.apply(structuredClone(OPEN));
    expect(world.guard.generation).toBe(generation);
    expect(world.doors.importsOf(world.of('B'))).toEqual(doors);
    expect(world.doors.importsOf(world.of('B')).every((door, i) => door === doors[i])).toBe(true);
    expect([answers(), published()]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test.each<[string, Plan]>([
    ['an import is taken back', { ...OPEN, B: {} }],
    [
      'the export is closed to it',
      {
        ...OPEN,
        A: {
          exports: [
            offers.service('svc', { responseType: 'stream', ...onlyC }),
            offers.stream('pub.>', onlyC),
          ],
        },
      },
    ],
    ['the importing account goes away', { A: OPEN['A'] ?? {}, C: OPEN['C'] ?? {} }],
    [
      'the imports get other names',
      {
        ...OPEN,
        B: {
          imports: [takes.service('A', 'svc', { to: 'other' }), takes.stream('A', 'pub.>', { prefix: 'p' })],
        },
      },
    ],
  ])('where %s takes from that account alone, at once, ways back included', (_what, after) => {
    const { world, answers, asks, published } = asked();
    world.apply(after);
    expect([answers(), asks(), published()]).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  test.each<[string, Plan]>([
    ['the exports are withdrawn', { ...OPEN, A: {} }],
    ['the exporting account goes away', { B: OPEN['B'] ?? {}, C: OPEN['C'] ?? {} }],
  ])('where %s leaves nothing', (_what, after) => {
    const { world, answers, asks, published } = asked();
    world.apply(after);
    expect([answers(), asks(), published()]).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test('where an export gets another response type makes ways back void, and new requests work', () => {
    const { world, answers, asks } = asked();
    world.apply({ ...OPEN, A: { exports: [offers.service('svc'), offers.stream('pub.>')] } });
    expect([answers(), asks()]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test('where an account is replaced by one of the same name carries nothing of the old one', () => {
    const { world, answers } = asked();
    const { B, ...others } = OPEN;
    world.apply(others);
    world.apply({ ...others, B: B ?? {} });
    expect(answers()).toEqual([0, 1]);
    const fresh = world.client('B', 'inbox');
    expect(fresh.publish('svc', 'q', 'inbox')).toBe(1);
  });

  test('that cannot be made changes nothing', () => {
    const { world, answers, asks, published } = asked();
    const broken = takes.stream('A', 'pub.*', { to: 'no.wildcard' });
    expect(() => world.apply({ A: {}, B: { imports: [broken] }, C: {} })).toThrow();
    expect([answers(), asks(), published()]).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  test('says by which rule a way back is closed', () => {
    const { world, answers } = asked();
    const rules: string[] = [];
    world.guard.observe(({ verdict }) => rules.push(verdict.rule), { refusalsOnly: true });
    world.apply({ ...OPEN, B: {} });
    answers();
    expect(rules).toEqual(['crossing-withdrawn']);
  });

  test('moves the lines that decisions show', () => {
    const at = { file: 'x.conf', line: 7, column: 3 };
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc')] },
    });
    world.apply({
      A: { exports: [{ ...offers.service('svc'), at }] },
      B: { imports: [{ ...takes.service('A', 'svc'), at }] },
    });
    expect(world.doors.exportsOf(world.of('A'))[0]?.facts.at).toEqual(at);
    expect(world.doors.importsOf(world.of('B'))[0]?.facts.at).toEqual(at);
  });
});

const NAMES = ['A', 'B', 'C'];
const name = fc.constantFrom(...NAMES);
const subject = fc.constantFrom('a', 'a.b', 'a.*', 'a.>', '>');
const extra = fc.option(fc.record({ accounts: fc.subarray(NAMES) }), { nil: undefined });
const anExport: fc.Arbitrary<ExportOptions> = fc
  .tuple(fc.constantFrom('stream', 'service'), subject, extra)
  .map(([kind, what, terms]) => offers[kind](what, terms));
const anImport: fc.Arbitrary<ImportOptions> = fc
  .tuple(fc.constantFrom('stream', 'service'), name, subject, fc.boolean())
  .map(([kind, account, what, isRenamed]) =>
    takes[kind](account, what, isRenamed ? { to: `x.${what}` } : {}),
  );
const ends = fc.record({
  exports: fc.array(anExport, { maxLength: 3 }),
  imports: fc.array(anImport, { maxLength: 3 }),
});
const plan: fc.Arbitrary<Plan> = fc.record({ A: ends, B: ends, C: ends });

/** What everybody who listens to everything gets when everybody publishes everything. */
function observed(world: DoorWorld): string[] {
  const clients = NAMES.map((account) => world.client(account, '>'));
  for (const client of clients)
    for (const what of ['a', 'a.b', 'a.b.c', 'x.a', 'x.a.b', 'b']) client.publish(what, `${what}`);
  const seen = clients.flatMap((client, i) => client.news().map((news) => `${NAMES[i]} ${news}`));
  for (const client of clients) client.unsubscribeAll();
  return seen.sort();
}

test('after any changes the doors are those of a world that began with the last ones', () => {
  fc.assert(
    fc.property(fc.array(plan, { minLength: 2, maxLength: 4 }), (plans) => {
      const [first = {}, ...later] = plans;
      const changed = new DoorWorld(first);
      const listeners = NAMES.map((account) => changed.client(account, '>', 'a.*', 'x.a'));
      for (const next of later) changed.apply(next);
      for (const listener of listeners) listener.unsubscribeAll();
      const fresh = new DoorWorld(plans.at(-1) ?? {});
      expect(observed(changed)).toEqual(observed(fresh));
      expect(NAMES.map((account) => changed.of(account).subscriptions)).toEqual(
        NAMES.map((account) => fresh.of(account).subscriptions),
      );
    }),
    { numRuns: 150 },
  );
});
