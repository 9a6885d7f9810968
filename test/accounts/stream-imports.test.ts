import { describe, expect, test } from 'vitest';
import { toBytes } from '../../src/subjects/index.ts';
import { DoorWorld, offers, type Plan, takes } from './door-world.ts';

const PREFIXED: Plan = {
  A: { exports: [offers.stream('pub.>')] },
  B: { imports: [takes.stream('A', 'pub.>', { prefix: 'im' })] },
  C: {},
};

describe('a stream import', () => {
  test.each([
    [{ prefix: 'im' }, 'pub.*.x', 'pub.a.x', 'im.pub.a.x'],
    [{ to: 'q.*' }, 'pub.*.x', 'pub.a.x', 'q.a'],
    [{ to: 'q.$2.$1' }, 'pub.*.*', 'pub.a.b', 'q.b.a'],
    [{}, 'pub.>', 'pub.a.b', 'pub.a.b'],
    [{ to: 'one' }, 'pub.a', 'pub.a', 'one'],
  ])('with %o of %s brings %s as %s, reply and header as they were', (extra, subject, published, local) => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('pub.>')] },
      B: { imports: [takes.stream('A', subject, extra)] },
    });
    const listener = world.client('B', local);
    const header = 'NATS/1.0\r\nX: y\r\n\r\n';
    expect(world.client('A').publish(published, 'm', 'rep.ly', header)).toBe(1);
    expect(listener.got).toMatchObject([{ subject: local, payload: 'm', reply: 'rep.ly', header }]);
  });

  test('stands in the exporting account only while somebody would get something', () => {
    const world = new DoorWorld(PREFIXED);
    const exporter = world.of('A');
    expect(exporter.subscriptions).toBe(0);
    const elsewhere = world.client('B', 'other', 'im.pubs.>');
    expect(exporter.subscriptions).toBe(0);
    const one = world.client('B', 'im.pub.x', 'im.>');
    const two = world.client('B', '>');
    expect(exporter.subscriptions).toBe(1);
    one.unsubscribeAll();
    expect(exporter.subscriptions).toBe(1);
    two.unsubscribeAll();
    expect(exporter.subscriptions).toBe(0);
    elsewhere.unsubscribeAll();
    expect(exporter.subscriptions).toBe(0);
  });

  test('counts as interest as far as somebody listens to that very subject', () => {
    const world = new DoorWorld(PREFIXED);
    const publisher = world.client('A');
    world.client('B', 'im.pub.x');
    expect([publisher.publish('pub.x'), publisher.publish('pub.y')]).toEqual([1, 0]);
    expect(world.of('A').hasInterest(toBytes('pub.x'))).toBe(true);
    expect(world.of('A').hasInterest(toBytes('pub.y'))).toBe(false);
  });

  test('brings nothing back: what is published under the local subject stays', () => {
    const world = new DoorWorld(PREFIXED);
    const owner = world.client('A', '>');
    world.client('B', '>').publish('im.pub.x', 'mine');
    expect(owner.news()).toEqual([]);
  });

  test('does not chain, and asks nothing of services (measured on 2.14.5)', () => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('pub.>')] },
      B: {
        exports: [offers.stream('pub.>')],
        imports: [takes.stream('A', 'pub.>'), takes.service('C', 'svc', { to: 'pub.x' })],
      },
      C: { exports: [offers.service('svc')], imports: [takes.stream('B', 'pub.>')] },
    });
    const far = world.client('C', '>');
    const middle = world.client('B', '>');
    world.client('A').publish('pub.x', 'm');
    expect(far.news()).toEqual([]);
    expect(middle.news()).toEqual(['pub.x m']);
    middle.publish('pub.x', 'own');
    expect(far.news().sort()).toEqual(['pub.x own', 'svc own']);
  });

  test('does not carry requests that came from a third account (measured on 2.14.5)', () => {
    const world = new DoorWorld({
      A: { imports: [takes.service('B', 'svc')] },
      B: { exports: [offers.service('svc'), offers.stream('svc')] },
      C: { imports: [takes.stream('B', 'svc')] },
    });
    const listener = world.client('C', 'svc');
    expect(world.client('A').publish('svc', 'q', 'inbox')).toBe(0);
    expect(listener.news()).toEqual([]);
  });

  test('delivers once for each path (measured on 2.14.5)', () => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('pub.>')] },
      B: {
        imports: [takes.stream('A', 'pub.>', { prefix: 'im' }), takes.stream('A', 'pub.*.x', { to: 'q.*' })],
      },
    });
    const everything = world.client('B', '>');
    const part = world.client('B', 'q.>');
    expect(world.client('A').publish('pub.a.x', 'm')).toBe(3);
    expect(everything.news().sort()).toEqual(['im.pub.a.x m', 'q.a m']);
    expect(part.news()).toEqual(['q.a m']);
  });

  test('balances a queue group within each account: its name takes nothing from the exporter’s group', () => {
    const world = new DoorWorld(PREFIXED);
    const owner = world.client('A', 'pub.q g');
    const importers = [world.client('B', 'im.pub.q g'), world.client('B', 'im.pub.> g')];
    const publisher = world.client('A');
    for (let i = 0; i < 100; i++) publisher.publish('pub.q', 'm');
    expect(owner.news()).toHaveLength(100);
    const [first = 0, second = 0] = importers.map((importer) => importer.news().length);
    expect(first + second).toBe(100);
    expect(Math.min(first, second)).toBeGreaterThan(20);
  });

  test.each([
    ['another account', { accounts: ['C'] }],
    ['accounts whose name the subject carries', { accountTokenPosition: 2 }],
  ])('of a stream that is offered to %s brings nothing', (_who, extra) => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('pub.*', extra)] },
      B: { imports: [takes.stream('A', 'pub.C')] },
      C: { imports: [takes.stream('A', 'pub.C')] },
    });
    const refused = world.client('B', '>');
    const allowed = world.client('C', '>');
    world.client('A').publish('pub.C', 'm');
    expect(refused.news()).toEqual([]);
    expect(allowed.news()).toEqual(['pub.C m']);
  });

  test('makes a literal subscription count for push consumers, and a wildcard one not', () => {
    const world = new DoorWorld({
      A: { exports: [offers.stream('dlv.*')] },
      B: { imports: [takes.stream('A', 'dlv.*', { prefix: 'p' })] },
    });
    const exporter = world.of('A');
    let looks = 0;
    exporter.watchInterest(toBytes('dlv.x'), () => looks++);
    const seen = () => [
      exporter.hasLiteralInterest(toBytes('dlv.x')),
      exporter.hasLiteralInterest(toBytes('dlv.x'), toBytes('g')),
    ];
    world.client('B', 'p.>');
    expect(seen()).toEqual([false, false]);
    const literal = world.client('B', 'p.dlv.x');
    expect(seen()).toEqual([true, false]);
    expect(looks).toBeGreaterThan(0);
    looks = 0;
    literal.unsubscribeAll();
    expect(looks).toBeGreaterThan(0);
    world.client('B', 'p.dlv.x g');
    expect(seen()).toEqual([false, true]);
  });
});
