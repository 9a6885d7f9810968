import { describe, expect, test } from 'vitest';
import { toBytes } from '../../src/subjects/index.ts';
import { DoorWorld, offers, type Plan, takes } from './door-world.ts';

const JETSTREAM = { jetstream: { except: [toBytes('$JS.API.DIRECT.GET.>')] } };
const TENANTS: Plan = { A: {}, B: {} };

function world(plan: Plan = TENANTS, builtin = JETSTREAM) {
  const doors = new DoorWorld(plan, 'SYS', builtin);
  return { doors, system: doors.client('SYS', '>') };
}

describe('a tenant', () => {
  test.each([
    ['$SYS.REQ.USER.INFO', '$SYS.REQ.USER.A.INFO'],
    ['$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.ACCOUNT.A.CONNZ'],
    ['$SYS.REQ.SERVER.PING.CONNZ', '$SYS.REQ.ACCOUNT.A.CONNZ'],
    ['$SYS.REQ.ACCOUNT.PING.STATZ', '$SYS.REQ.ACCOUNT.A.STATZ'],
    ['$JS.API.STREAM.NAMES', '$JS.API.STREAM.NAMES'],
  ])('asks %s and reaches %s, its own', (asked, reached) => {
    const { doors, system } = world();
    expect(doors.client('A').publish(asked, 'q', 'inbox')).toBe(1);
    expect(system.news()).toEqual([`${reached} q`]);
  });

  test.each([
    '$SYS.REQ.USER.A.INFO',
    '$SYS.REQ.USER.B.INFO',
    '$SYS.REQ.ACCOUNT.B.CONNZ',
    '$SYS.REQ.SERVER.PING',
    '$SYS.REQ.SERVER.PING.VARZ',
    '$SYS.DEBUG.SUBSCRIBERS',
    '$JS.API.DIRECT.GET.S',
  ])('reaches nothing by %s', (asked) => {
    const { doors, system } = world();
    expect(doors.client('A').publish(asked, 'q', 'inbox')).toBe(0);
    expect(system.news()).toEqual([]);
  });

  test('takes another account’s form by no import of its own', () => {
    const { doors, system } = world({
      A: {
        imports: ['USER.B.INFO', 'ACCOUNT.B.CONNZ', 'ACCOUNT.*.STATZ', 'SERVER.PING.VARZ'].map((form) =>
          takes.service('SYS', `$SYS.REQ.${form}`),
        ),
      },
      B: {},
    });
    for (const form of ['USER.B.INFO', 'ACCOUNT.B.CONNZ', 'ACCOUNT.B.STATZ', 'SERVER.PING.VARZ'])
      expect(doors.client('A').publish(`$SYS.REQ.${form}`, 'q', 'inbox')).toBe(0);
    expect(system.news()).toEqual([]);
  });

  test('may import the count of subscribers', () => {
    const { doors, system } = world({ A: { imports: [takes.service('SYS', '$SYS.DEBUG.SUBSCRIBERS')] } });
    doors.client('A').publish('$SYS.DEBUG.SUBSCRIBERS', 'foo', 'inbox');
    expect(system.news()).toEqual(['$SYS.DEBUG.SUBSCRIBERS foo']);
  });

  test('has the API of another account in place of its own when it imports that under the same name', () => {
    const { doors, system } = world({
      A: { imports: [takes.service('B', '$JS.API.>')] },
      B: { exports: [offers.service('$JS.API.>')] },
    });
    const there = doors.client('B', '$JS.API.STREAM.NAMES');
    expect(doors.client('A').publish('$JS.API.STREAM.NAMES', 'q', 'inbox')).toBe(2);
    expect(there.news()).toHaveLength(1);
    expect(system.got.map(({ header }) => /Nats-Request-Info: (\{.*\})/.exec(header)?.[1])).toEqual([
      expect.stringContaining('"acc":"A","svc":"B"'),
    ]);
  });

  test('has its own beside it when it imports that under another name', () => {
    const { doors, system } = world({
      A: { imports: [takes.service('B', '$JS.API.>', { to: 'js.b.>' })] },
      B: { exports: [offers.service('$JS.API.>')] },
    });
    const asker = doors.client('A');
    expect([asker.publish('$JS.API.INFO', 'own'), asker.publish('js.b.INFO', 'theirs')]).toEqual([1, 1]);
    expect(system.news()).toEqual(['$JS.API.INFO own', '$JS.API.INFO theirs']);
  });
});

test('the API’s door is there exactly while the server has JetStream', () => {
  const { doors } = world(TENANTS, {} as typeof JETSTREAM);
  expect(doors.client('A').publish('$JS.API.INFO', 'q', 'inbox')).toBe(0);
});
