import { expect, test } from 'vitest';
import type { Action, Scenario } from '../../src/fuzz/actions.ts';
import { minimise } from '../../src/fuzz/minimise.ts';
import { describeAction, reportText } from '../../src/fuzz/report.ts';

const scenario: Scenario = {
  world: {
    accounts: [
      { name: 'TEST', jetstream: true, users: [{ name: 'a' }] },
      { name: 'TEST2', jetstream: true, users: [{ name: 'b', publish: { deny: ['x'] } }] },
    ],
  },
  connections: ['a', 'b'],
  outsider: 'TEST2',
  actions: [
    { kind: 'sub', by: 0, subject: 'a.>', queue: 'q' },
    { kind: 'request', by: 1, subject: '$JS.API.ACCOUNT.PURGE.TEST', headers: [], body: '' },
    { kind: 'advance', ms: 500 },
  ],
};

test.each<[Action, string]>([
  [
    { kind: 'sub', by: 0, subject: 'a.>', queue: 'q' },
    'a@TEST (connection a-0) subscribes to a.> in queue q',
  ],
  [
    { kind: 'request', by: 1, subject: '$JS.API.ACCOUNT.PURGE.TEST', headers: [], body: '' },
    'b@TEST2 (connection b-1) requests $JS.API.ACCOUNT.PURGE.TEST',
  ],
  [
    { kind: 'pub', by: 1, subject: 'x', reply: 'r', headers: [['K', 'v']], body: '\0' },
    'b@TEST2 (connection b-1) publishes x with reply r, headers K: v, body \\u0000',
  ],
  [
    { kind: 'raw', by: 0, bytes: 'PUB\r\n' },
    'a@TEST (connection a-0) sends the bytes "PUB\\r\\n" on a connection of their own',
  ],
  [{ kind: 'advance', ms: 500 }, '500 ms pass'],
])('describeAction tells %j', (action, text) => {
  expect(describeAction(scenario, action)).toBe(text);
});

test('reportText holds the trace, what was seen, the world, the seed and the replay command', () => {
  const text = reportText({
    fuzzer: 'isolation',
    target: 'in process',
    scenario,
    finding: { oracle: 'noninterference', summary: 'it differs', details: ['a sees x'] },
    seed: 7,
    path: '1:2',
    replay: 'npm run it',
  });
  expect(text).toContain('2. b@TEST2 (connection b-1) requests $JS.API.ACCOUNT.PURGE.TEST');
  expect(text).toContain('- a sees x');
  expect(text).toContain('# world: {');
  expect(text).toContain('Seed 7, path 1:2');
  expect(text).toContain('npm run it');
});

test('minimise keeps only what the failure needs', async () => {
  const needsPurge = async (smaller: Scenario): Promise<boolean> =>
    smaller.actions.some((action) => action.kind === 'request');
  const small = await minimise(scenario, needsPurge);
  expect(small.actions).toEqual([scenario.actions[1]]);
  expect(small.world.accounts[1]?.users).toEqual([{ name: 'b' }]);
});
