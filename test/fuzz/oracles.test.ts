import { describe, expect, test } from 'vitest';
import { judgeAuthority } from '../../src/fuzz/oracles/authority.ts';
import { judgeCanaries } from '../../src/fuzz/oracles/canary.ts';
import { judgeIntegrity } from '../../src/fuzz/oracles/integrity.ts';
import { judgeNoninterference } from '../../src/fuzz/oracles/noninterference.ts';
import { judgeRobustness } from '../../src/fuzz/oracles/robustness.ts';
import type { Outcome } from '../../src/fuzz/run.ts';
import type { Frame } from '../../src/fuzz/wire-client.ts';
import { markOf, type World } from '../../src/fuzz/world.ts';

const world: World = {
  accounts: [
    { name: 'A', jetstream: true, users: [{ name: 'a' }] },
    { name: 'B', jetstream: true, users: [{ name: 'b' }] },
  ],
};

const apart = { world, outsider: 'B' };

function message(payload: string, subject = 's'): Frame {
  return { op: 'MSG', subject, sid: '1', reply: '', header: '', payload };
}

function outcome(frames: readonly Frame[], account = 'A'): Outcome {
  return {
    records: [{ label: 'a-0', account, frames, queues: new Map() }],
    deeds: [],
    audit: undefined,
    alive: true,
  };
}

describe('judgeNoninterference', () => {
  test('finds a frame more, in exact order', () => {
    const found = judgeNoninterference(
      apart,
      [outcome([message('x'), message('y')])],
      [outcome([message('x')])],
      true,
    );
    expect(found?.details[0]).toContain('a-0 sees as frame 2, when B acts: MSG s');
  });

  test('finds another order on an exact target only', () => {
    const one = [outcome([message('x'), message('y')])];
    const two = [outcome([message('y'), message('x')])];
    expect(judgeNoninterference(apart, one, two, true)).toBeDefined();
    expect(judgeNoninterference(apart, one, two, false)).toBeUndefined();
  });

  test('takes no notice of what comes and goes by itself', () => {
    const present = [outcome([message('x')]), outcome([])];
    const absent = [outcome([]), outcome([])];
    expect(judgeNoninterference(apart, present, absent, false)).toBeUndefined();
    expect(judgeNoninterference(apart, [outcome([message('x')])], absent, false)).toBeDefined();
  });

  test('does not look at the outsider itself', () => {
    const own = [outcome([message('x')], 'B')];
    expect(judgeNoninterference(apart, own, [outcome([], 'B')], true)).toBeUndefined();
  });

  test('takes out what accounts share by design, and nothing else', () => {
    const info = (client: number, limit: number): Outcome[] => [
      outcome([{ op: 'INFO', text: JSON.stringify({ client_id: client, max_payload: limit }) }]),
    ];
    expect(judgeNoninterference(apart, info(1, 5), info(2, 5), true)).toBeUndefined();
    expect(judgeNoninterference(apart, info(1, 5), info(1, 6), true)).toBeDefined();
    const seq = (n: number): Outcome[] => [
      outcome([message(JSON.stringify({ server: { id: `N${n}`, seq: n } }))]),
    ];
    expect(judgeNoninterference(apart, seq(1), seq(2), true)).toBeDefined();
    expect(judgeNoninterference(apart, seq(1), seq(2), false)).toBeUndefined();
  });
});

describe('with a door from B to A', () => {
  const [A, B] = world.accounts;
  if (A === undefined || B === undefined) throw new Error('two accounts are wanted');
  const linked: World = {
    accounts: [
      { ...A, imports: [{ kind: 'stream', account: 'B', subject: 'x' }] },
      { ...B, exports: [{ kind: 'stream', subject: 'x', responseType: 'singleton', thresholdMs: 1 }] },
    ],
  };

  test('what A sees may depend on B', () => {
    const door = { world: linked, outsider: 'B' };
    expect(judgeNoninterference(door, [outcome([message('x')])], [outcome([])], true)).toBeUndefined();
  });

  test('a mark goes the way of the stream and no other', () => {
    expect(judgeCanaries(linked, outcome([message(markOf('B'))]))).toBeUndefined();
    expect(judgeCanaries(linked, outcome([message(markOf('A'))], 'B'))).toBeDefined();
  });
});

describe('judgeCanaries', () => {
  test('allows an account its own mark', () => {
    expect(judgeCanaries(world, outcome([message(`${markOf('A')}/a-0/1`)]))).toBeUndefined();
  });

  test.each([0, 1, 2])('sees a foreign mark in base64 behind %d bytes', (shift) => {
    const data = Buffer.from(`${'y'.repeat(shift)}${markOf('B')}/b-1/7`).toString('base64');
    expect(judgeCanaries(world, outcome([message(JSON.stringify({ message: { data } }))]))).toBeDefined();
  });

  test('sees a foreign mark as it is', () => {
    expect(judgeCanaries(world, outcome([message(`${markOf('B')}/b-1/1`)]))?.oracle).toBe('canary');
  });
});

describe('judgeAuthority', () => {
  const PURGE = '$JS.API.ACCOUNT.PURGE.A';
  const MOVE = '$JS.API.ACCOUNT.STREAM.MOVE.A.S';
  const record = { user: 'u', rule: 'r', granted: true, handlerRan: true };
  test.each([
    ['a tenant that purges', { subject: PURGE, account: 'B' }, true],
    ['a tenant that purges itself', { subject: PURGE, account: 'A' }, true],
    ['the system account that purges', { subject: PURGE, account: 'SYS' }, false],
    ['a tenant that removes a server', { subject: '$JS.API.SERVER.REMOVE', account: 'A' }, true],
    ['a tenant that deposes a leader', { subject: '$JS.API.META.LEADER.STEPDOWN', account: 'A' }, true],
    ['the owner that moves its stream', { subject: MOVE, account: 'A' }, false],
    ["a tenant that moves another's stream", { subject: MOVE, account: 'B' }, true],
    [
      "a tenant that cancels another's move",
      { subject: '$JS.API.ACCOUNT.STREAM.CANCEL_MOVE.A.S', account: 'B' },
      true,
    ],
    ['a tenant that asks about its stream', { subject: '$JS.API.STREAM.INFO.S', account: 'B' }, false],
  ])('%s', (_name, who, isFound) => {
    expect(judgeAuthority([{ ...record, ...who }]) !== undefined).toBe(isFound);
    expect(judgeAuthority([{ ...record, ...who, granted: false, handlerRan: false }])).toBeUndefined();
  });

  test('a handler must not run without a grant', () => {
    expect(judgeAuthority([{ ...record, subject: PURGE, account: 'SYS', granted: false }])).toBeDefined();
  });
});

test('judgeIntegrity compares before and after', () => {
  const before = [message('1')];
  expect(judgeIntegrity('B', [{ account: 'A', before, after: [message('1')] }])).toBeUndefined();
  expect(judgeIntegrity('B', [{ account: 'A', before, after: [message('2')] }])).toBeDefined();
  expect(judgeIntegrity('B', [{ account: 'A', before, after: [] }])).toBeDefined();
});

test('judgeRobustness wants an answer', () => {
  expect(judgeRobustness(outcome([]))).toBeUndefined();
  expect(judgeRobustness({ ...outcome([]), alive: false })).toBeDefined();
});
