import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/base/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { type Client, DoorWorld, offers, type Plan, takes } from './door-world.ts';

/** The values of every header line with the server's identity key, as any reader might see them. */
function identities(client: Client): unknown[] {
  return client.got.flatMap(({ header }) =>
    header
      .split(/\r\n|\r|\n/)
      .filter((line) => /^\s*nats-request-info\s*:/i.test(line))
      .map((line) => JSON.parse(line.slice(line.indexOf(':') + 1))),
  );
}

describe('a service import', () => {
  test.each([
    [{ to: 'ask.*' }, 'svc.*', 'ask.x', 'svc.x'],
    [{ to: 'y.$2.$1' }, 'svc.*.*', 'y.a.b', 'svc.b.a'],
    [{}, 'svc.>', 'svc.a.b', 'svc.a.b'],
    [{ to: 'ask' }, 'svc.fixed', 'ask', 'svc.fixed'],
    [{ to: 'api.>' }, 'svc.>', 'api.a.b', 'svc.a.b'],
  ])('with %o of %s takes %s there as %s', (extra, subject, asked, remote) => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc.>')] },
      B: { imports: [takes.service('A', subject, extra)] },
    });
    const service = world.client('A', '>');
    expect(world.client('B').publish(asked, 'q')).toBe(1);
    expect(service.news()).toEqual([`${remote} q`]);
  });

  test('under another name leaves the service’s own subject invisible', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc', { to: 'ask' })] },
    });
    world.client('A', 'svc');
    expect(world.client('B').publish('svc', 'q')).toBe(0);
  });

  test('does not hide who listens to the same subject at home', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc')] },
    });
    const service = world.client('A', 'svc');
    const home = world.client('B', 'svc');
    expect(world.client('B').publish('svc', 'q', 'inbox')).toBe(2);
    expect(home.got).toMatchObject([{ reply: 'inbox', header: '' }]);
    expect(service.lastReply).toMatch(/^_R_\.\w{6}\.\w{6}$/);
  });

  test('of the same subject from two accounts asks both, and both may answer', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      C: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc'), takes.service('C', 'svc')] },
    });
    const services = [world.client('A', 'svc'), world.client('C', 'svc')];
    const asker = world.client('B', 'inbox');
    expect(asker.publish('svc', 'q', 'inbox')).toBe(2);
    for (const [i, service] of services.entries()) service.publish(service.lastReply, `${i}`);
    expect(asker.news()).toEqual(['inbox 0', 'inbox 1']);
  });

  test('of one service under two names keeps what each of them shares', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc'), takes.service('A', 'svc', { to: 'told', share: true })] },
    });
    const service = world.client('A', 'svc');
    const asker = world.client('B');
    asker.publish('svc');
    asker.publish('told');
    expect(identities(service)).toMatchObject([{ acc: 'B' }, { acc: 'B', user: 'u', name: 'app' }]);
    expect(identities(service)[0]).toEqual({ acc: 'B' });
  });

  test('prefers the export of the very subject, and else any that lets it in', () => {
    const world = new DoorWorld({
      A: {
        exports: [
          offers.service('svc.*', { accounts: ['C'] }),
          offers.service('svc.>'),
          offers.service('svc.x', { accounts: ['C'] }),
        ],
      },
      B: { imports: [takes.service('A', 'svc.x'), takes.service('A', 'svc.y')] },
    });
    world.client('A', 'svc.*');
    expect([world.client('B').publish('svc.x'), world.client('B').publish('svc.y')]).toEqual([0, 1]);
  });

  test.each([
    ['nothing', []],
    ['something else', [offers.service('svc.other')]],
    ['less', [offers.service('svc.a')]],
    ['a stream', [offers.stream('svc.*')]],
    ['it to others', [offers.service('svc.*', { accounts: ['C'] })]],
    ['it to accounts whose name it carries', [offers.service('svc.*', { accountTokenPosition: 2 })]],
  ])('carries nothing where the other account exports %s', (_what, exports) => {
    const world = new DoorWorld({ A: { exports }, B: { imports: [takes.service('A', 'svc.*')] }, C: {} });
    const service = world.client('A', '>');
    expect(world.client('B').publish('svc.a', 'q', 'inbox')).toBe(0);
    expect(service.news()).toEqual([]);
    expect(world.of('A').subscriptions).toBe(1);
  });

  test('reaches a service that wants the account’s name with its own name alone', () => {
    const exports = [offers.service('svc.*', { accountTokenPosition: 2 })];
    const world = new DoorWorld({
      A: { exports },
      B: {
        imports: [takes.service('A', 'svc.B', { to: 'own' }), takes.service('A', 'svc.C', { to: 'other' })],
      },
    });
    world.client('A', 'svc.*');
    expect([world.client('B').publish('own'), world.client('B').publish('other')]).toEqual([1, 0]);
  });

  test('leaves one identity, the server’s own, whatever a header block looks like to a reader', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('svc')] },
      B: { imports: [takes.service('A', 'svc')] },
    });
    const service = world.client('A', 'svc');
    const asker = world.client('B');
    const key = fc.mixedCase(fc.constant('Nats-Request-Info'));
    const piece = fc.oneof(
      key,
      fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', ':', 'X: y'),
      fc.constant(':{"acc":"SYS"}\r\n'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        service.got.length = 0;
        asker.publish('svc', 'q', '', `NATS/1.0\r\n${pieces.join('')}\r\n\r\n`);
        expect(identities(service)).toEqual([{ acc: 'B' }]);
      }),
    );
  });
});

const CHAIN: Plan = {
  A: { imports: [takes.service('B', 'mid', { to: 'ask' })] },
  B: { exports: [offers.service('mid')], imports: [takes.service('C', 'svc', { to: 'mid' })] },
  C: { exports: [offers.service('svc')] },
};

describe('a chain of service imports', () => {
  test('has one way back for each boundary, and names who asked and through whom', () => {
    const world = new DoorWorld(CHAIN);
    const asker = world.client('A', 'inbox');
    const middle = world.client('B', '_R_.>');
    const service = world.client('C', 'svc');
    expect(asker.publish('ask', 'q', 'inbox')).toBe(1);
    expect(identities(service)).toEqual([{ acc: 'A', svc: 'B' }]);
    expect(service.publish(service.lastReply, 'a')).toBeGreaterThan(0);
    expect(asker.got).toMatchObject([{ subject: 'inbox', payload: 'a', header: '' }]);
    expect(middle.got[0]?.subject).not.toBe(service.lastReply);
    expect(service.publish(service.lastReply, 'again')).toBe(0);
  });

  test('goes through as many accounts as the bound allows, and no further', () => {
    const name = (i: number) => `N${i}`;
    const plan: Record<string, Plan[string]> = {};
    for (let i = 0; i <= limits.MAX_CROSSINGS + 2; i++) {
      plan[name(i)] = {
        exports: [offers.service(`s${i}`)],
        imports: [takes.service(name(i + 1), `s${i + 1}`, { to: `s${i}` })],
      };
    }
    plan[name(limits.MAX_CROSSINGS + 3)] = {};
    const world = new DoorWorld(plan);
    const listeners = Object.keys(plan).map((account) => world.client(account, '>'));
    world.client(name(0)).publish('s0', 'q');
    expect(listeners.filter(({ got }) => got.length > 0)).toHaveLength(limits.MAX_CROSSINGS + 1);
  });

  test('that comes back to an export it used stops there', () => {
    const world = new DoorWorld({
      A: { exports: [offers.service('loop')], imports: [takes.service('B', 'loop')] },
      B: { exports: [offers.service('loop')], imports: [takes.service('A', 'loop')] },
    });
    const counts = ['A', 'B'].map((account) => world.client(account, 'loop'));
    world.client('A').publish('loop', 'q');
    expect(counts.map(({ got }) => got.length)).toEqual([2, 1]);
  });
});

describe('an answer', () => {
  const plan: Plan = {
    A: { exports: [offers.service('svc'), offers.service('many', { responseType: 'stream' })] },
    B: { imports: [takes.service('A', 'svc'), takes.service('A', 'many'), takes.service('C', 'third')] },
    C: { exports: [offers.service('third')], imports: [takes.service('A', 'svc', { to: 'guess' })] },
  };

  test('may come from anybody in the account that serves, and from nobody else', () => {
    const world = new DoorWorld(plan);
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'svc');
    asker.publish('svc', 'q', 'inbox');
    for (const other of ['B', 'C']) expect(world.client(other).publish(service.lastReply, 'forged')).toBe(0);
    expect(world.client('A').publish(service.lastReply, 'colleague')).toBe(1);
    expect(asker.news()).toEqual(['inbox colleague']);
  });

  test('does not come over an import: a way back takes nothing from elsewhere', () => {
    const world = new DoorWorld({
      ...plan,
      A: { exports: [...(plan['A']?.exports ?? []), offers.service('>')] },
      C: { imports: [takes.service('A', '>', { to: 'into.>' })] },
    });
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'svc');
    asker.publish('svc', 'q', 'inbox');
    expect(world.client('C').publish(`into.${service.lastReply}`, 'forged')).toBe(0);
    expect(asker.news()).toEqual([]);
  });

  test('asks nothing of a third account, whatever reply subject the asker named', () => {
    const world = new DoorWorld(plan);
    const third = world.client('C', 'third');
    const service = world.client('A', 'svc');
    world.client('B').publish('svc', 'q', 'third');
    expect(service.publish(service.lastReply, 'a')).toBe(0);
    expect(third.news()).toEqual([]);
  });

  test('with a reply subject of its own gets a way back in the other direction', () => {
    const world = new DoorWorld(plan);
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'svc', 'more');
    asker.publish('svc', 'q', 'inbox');
    service.publish(service.lastReply, 'a', 'more');
    expect(asker.lastReply).toMatch(/^_R_\./);
    expect(asker.publish(asker.lastReply, 'thanks')).toBe(1);
    expect(service.news()).toContain('more thanks');
  });

  test('to somebody who went away is dropped and ends a stream of answers', () => {
    const world = new DoorWorld(plan);
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'many');
    asker.publish('many', 'q', 'inbox');
    expect(service.publish(service.lastReply, '1')).toBe(1);
    asker.unsubscribeAll();
    expect(service.publish(service.lastReply, '2')).toBe(0);
    world.client('B', 'inbox');
    expect(service.publish(service.lastReply, '3')).toBe(0);
  });

  test('counts as reachable only while the asker listens', () => {
    const world = new DoorWorld(plan);
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'many');
    asker.publish('many', 'q', 'inbox');
    const back = toBytes(service.lastReply);
    expect(world.of('A').hasInterest(back)).toBe(true);
    asker.unsubscribeAll();
    expect(world.of('A').hasInterest(back)).toBe(false);
  });

  test('with header alone does not end a stream, an empty one does (measured on 2.14.5)', () => {
    const world = new DoorWorld(plan);
    const asker = world.client('B', 'inbox');
    const service = world.client('A', 'many');
    asker.publish('many', 'q', 'inbox');
    const back = service.lastReply;
    expect(service.publish(back, '', '', 'NATS/1.0 404 X\r\n\r\n')).toBe(1);
    expect(service.publish(back, 'more')).toBe(1);
    expect(service.publish(back, '')).toBe(1);
    expect(service.publish(back, 'late')).toBe(0);
  });

  test('expires by the threshold of its own export, whatever else is open', () => {
    const world = new DoorWorld({
      A: {
        exports: [
          offers.service('slow', { thresholdMs: 60_000 }),
          offers.service('quick', { thresholdMs: 100 }),
        ],
      },
      B: { imports: [takes.service('A', 'slow'), takes.service('A', 'quick')] },
    });
    world.client('A', '*');
    const asker = world.client('B');
    asker.publish('slow', 'q', 'i');
    asker.publish('quick', 'q', 'i');
    world.advance(100);
    expect(world.of('A').subscriptions).toBe(2);
    world.advance(60_000);
    expect(world.of('A').subscriptions).toBe(1);
    expect(world.scheduler.nextDue()).toBeUndefined();
  });
});
