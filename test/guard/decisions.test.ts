import { describe, expect, test } from 'vitest';
import {
  Allowance,
  accountId,
  type Caller,
  CONTROLS,
  type ConnectFacts,
  type ControlId,
  type Decision,
  Guard,
  isControlId,
  RULES,
  type ScopeRequest,
} from '../../src/guard/index.ts';
import { EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';
import { principalOf } from './support.ts';

const b = (text: string) => toBytes(text);

describe('connect', () => {
  const facts: ConnectFacts = {
    found: 'credentials',
    namesAccount: false,
    connectionType: 'STANDARD',
    connections: 0,
    maxConnections: -1,
  };
  const guard = new Guard({ system: undefined });

  test.each([
    [{}, true, 'connect-credentials'],
    [{ found: 'open' }, true, 'connect-open'],
    [{ found: 'guest' }, true, 'connect-guest'],
    [{ found: 'wrong' }, false, 'connect-bad-credentials'],
    [{ found: 'none' }, false, 'connect-no-credentials'],
    [{ namesAccount: true }, false, 'connect-account-named'],
    [{ found: 'open', namesAccount: true }, false, 'connect-account-named'],
    [{ found: 'guest', namesAccount: true }, false, 'connect-account-named'],
    [{ allowedTypes: ['STANDARD'] }, true, 'connect-credentials'],
    [{ allowedTypes: ['WEBSOCKET'] }, false, 'connect-type-not-allowed'],
    [{ allowedTypes: [] }, false, 'connect-type-not-allowed'],
    [{ found: 'guest', allowedTypes: ['WEBSOCKET'] }, false, 'connect-type-not-allowed'],
    [{ connections: 4, maxConnections: 5 }, true, 'connect-credentials'],
    [{ connections: 5, maxConnections: 5 }, false, 'connect-account-full'],
    [{ connections: 0, maxConnections: 0 }, false, 'connect-account-full'],
    [{ accountIsGone: true }, false, 'connect-account-gone'],
    [{ found: 'wrong', connections: 5, maxConnections: 5 }, false, 'connect-bad-credentials'],
  ] as const)('%j is %j by %s', (change, allowed, rule) => {
    expect(guard.connect({ ...facts, ...change } as ConnectFacts, undefined, EMPTY_BYTES)).toMatchObject({
      allowed,
      rule,
    });
  });
});

describe('crossing', () => {
  const guard = new Guard({ system: undefined });
  const A = accountId(b('A'));
  const B = accountId(b('B'));
  test.each([
    ['service', 'svc.x', { subject: b('svc.*') }, 'imported'],
    ['service', 'svc.x', undefined, 'not-exported'],
    ['service', 'svc.x.y', { subject: b('svc.*') }, 'not-exported'],
    ['service', 'svc.>', { subject: b('svc.*') }, 'not-exported'],
    ['service', 'svc.*', { subject: b('svc.>') }, 'imported'],
    ['service', 'svc.x', { subject: b('svc.x'), accounts: [A] }, 'imported'],
    ['service', 'svc.x', { subject: b('svc.x'), accounts: [B] }, 'private'],
    ['service', 'svc.x', { subject: b('svc.x'), accounts: [] }, 'private'],
    ['service', 'svc.x', { subject: b('svc.x'), accounts: [B, accountId(b('A'))] }, 'imported'],
    ['service', 'svc.x', { kind: 'service', subject: b('svc.x') }, 'imported'],
    ['service', 'svc.x', { kind: 'stream', subject: b('svc.x') }, 'not-exported'],
    ['stream', 'svc.x', { kind: 'stream', subject: b('svc.x') }, 'imported'],
    ['stream', 'svc.x', { kind: 'service', subject: b('svc.x') }, 'not-exported'],
    ['stream', 'svc.*', { kind: 'stream', subject: b('svc.x') }, 'not-exported'],
    ['service', 'svc.A.x', { subject: b('svc.*.x'), accountTokenPosition: 2 }, 'imported'],
    ['service', 'svc.B.x', { subject: b('svc.*.x'), accountTokenPosition: 2 }, 'account-token'],
    ['service', 'svc.*.x', { subject: b('svc.*.x'), accountTokenPosition: 2 }, 'account-token'],
    ['service', 'svc.A', { subject: b('svc.>'), accountTokenPosition: 3 }, 'account-token'],
    ['stream', 'svc.A.>', { kind: 'stream', subject: b('svc.*.>'), accountTokenPosition: 2 }, 'imported'],
    ['service', 'svc.A', { subject: b('svc.*'), accountTokenPosition: 2, accounts: [B] }, 'private'],
  ] as const)('%s import of %s over %j is %s', (kind, subject, offer, outcome) => {
    const verdict = guard.crossing(A, { kind, remote: b(subject) }, offer, principalOf());
    expect(verdict).toMatchObject({ allowed: outcome === 'imported', rule: `crossing-${outcome}` });
  });

  test('a way back that was withdrawn carries nothing, however much of it is left', () => {
    const way = new Allowance(-1, 1_000);
    way.withdraw();
    way.renew(5_000);
    const verdict = guard.response(way, 0, principalOf(), b('r'));
    expect(verdict).toMatchObject({ allowed: false, rule: 'crossing-withdrawn' });
  });

  test('a response uses its mapping as often and as long as it lives', () => {
    const once = new Allowance(1, 1_000);
    const ask = (mapping: Allowance, now: number) => guard.response(mapping, now, principalOf(), b('r'));
    expect(ask(once, 0)).toMatchObject({ allowed: true, rule: 'crossing-response', cacheable: false });
    expect(ask(once, 0)).toMatchObject({ allowed: false, rule: 'crossing-spent-response' });
    const many = new Allowance(-1, 1_000);
    expect([0, 999, 1_000, 2_000].map((now) => ask(many, now).allowed)).toEqual([true, true, false, false]);
    many.renew(3_000);
    expect(ask(many, 2_000).allowed).toBe(true);
  });
});

describe('scope', () => {
  const SYSTEM = accountId(b('$SYS'));
  const caller = (account: string): Caller => ({
    principal: principalOf(undefined, account),
    account: accountId(b(account)),
  });
  const decide = (account: string, request: ScopeRequest, off: readonly ControlId[] = [], system = true) =>
    new Guard({ system: system ? SYSTEM : undefined, controlsOff: off }).scope(
      caller(account),
      request,
      b('x'),
    );

  test.each([
    ['A', { scope: 'account' }, true, 'scope-own-account'],
    ['$SYS', { scope: 'account' }, true, 'scope-own-account'],
    ['A', { scope: 'system' }, false, 'scope-system-only'],
    ['$SYS', { scope: 'system' }, true, 'scope-system-account'],
    ['A', { scope: 'named-account', target: b('A') }, true, 'scope-named-own-account'],
    ['A', { scope: 'named-account', target: b('B') }, false, 'scope-named-account-only'],
    ['A', { scope: 'named-account' }, false, 'scope-named-account-only'],
    ['A', { scope: 'named-account', target: b('') }, false, 'scope-named-account-only'],
    ['$SYS', { scope: 'named-account', target: b('B') }, true, 'scope-system-account'],
  ] as const)('of %s for %j is %j by %s', (account, request, allowed, rule) => {
    const { verdict, grant } = decide(account, request);
    expect(verdict).toMatchObject({ allowed, rule });
    expect(grant?.isMinted ?? false).toBe(allowed);
  });

  test('without a system account nobody administers the server', () => {
    expect(decide('$SYS', { scope: 'system' }, [], false).verdict.allowed).toBe(false);
    expect(decide('$SYS', { scope: 'account' }, [], false).verdict.allowed).toBe(true);
  });

  test('each control refuses while it is on and gives way while it is off, for itself alone', () => {
    const ids = Object.keys(CONTROLS).filter(isControlId);
    for (const control of ids) {
      for (const scope of ['system', 'named-account'] as const) {
        const request = { scope, target: b('B'), control };
        expect(decide('A', request).verdict.allowed, control).toBe(false);
        expect(decide('A', request, [control]).verdict).toMatchObject({
          allowed: true,
          rule: 'scope-control-off',
        });
        const others = ids.filter((id) => id !== control);
        expect(decide('A', request, others).verdict.allowed, `${control} with the others off`).toBe(false);
      }
    }
  });

  test('isControlId knows its table only', () => {
    expect(isControlId('api-scope-account-purge')).toBe(true);
    for (const id of ['', 'toString', '__proto__', 'nope']) expect(isControlId(id)).toBe(false);
  });
});

test('every refusal is told with its rule, a filtered delivery is not', () => {
  const told: Decision[] = [];
  const guard = new Guard({ system: undefined });
  guard.observe((decision) => told.push(decision), { refusalsOnly: true });
  const principal = principalOf({
    publish: { deny: [{ subject: b('x') }] },
    subscribe: { deny: [{ subject: b('x') }] },
  });
  guard.publish(principal, b('y'), undefined, 0);
  expect(told).toEqual([]);
  guard.publish(principal, b('x'), undefined, 0);
  guard.subscribe(principal, b('x'), EMPTY_BYTES);
  guard.reply(principal, b('_R_.x'));
  guard.deliver(principal, b('x'), EMPTY_BYTES);
  expect(told.map(({ action, verdict }) => `${action} ${verdict.rule}`)).toEqual([
    'publish publish-denied',
    'subscribe subscribe-denied',
    'reply publish-reserved-reply',
  ]);
});

test('a change of policy voids what was kept', () => {
  const guard = new Guard({ system: undefined });
  const before = guard.generation;
  guard.policyChanged();
  expect(guard.generation).toBeGreaterThan(before);
});

test('every rule promises something and names its source', () => {
  for (const [id, rule] of Object.entries(RULES)) {
    expect(id.startsWith(rule.decision), id).toBe(true);
    expect(rule.promise.endsWith('.'), id).toBe(true);
    expect(rule.source, id).not.toBe('');
  }
});
