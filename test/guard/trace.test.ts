import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PermissionEntry, Position } from '../../src/config/index.ts';
import {
  Allowance,
  accountId,
  type Decision,
  Guard,
  type Observation,
  type Reason,
  ResponseGrants,
} from '../../src/guard/index.ts';
import { EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';
import { principalOf } from './support.ts';

const b = toBytes;
const A = accountId(b('A'));
const B = accountId(b('B'));
const at = (line: number): Position => ({ file: 'x.conf', line, column: 3 });

/** Entries on lines counted from `line`. */
function entries(line: number, ...texts: string[]): PermissionEntry[] {
  return texts.map((text, i) => {
    const [subject = '', queue] = text.split(' ');
    return { subject: b(subject), ...(queue === undefined ? {} : { queue: b(queue) }), at: at(line + i) };
  });
}

/** A guard and what it tells. */
function listened(wants: Observation = { every: true, reasons: true }) {
  const guard = new Guard({ system: A });
  const told: Decision[] = [];
  const listening = guard.observe((decision) => told.push(decision), wants);
  return { guard, told, listening };
}

/** The reasons of the one decision that `ask` causes, as `text @line`, `*` before the one that decided. */
function reasonsOf(ask: (guard: Guard) => unknown): string[] {
  const { guard, told } = listened();
  ask(guard);
  expect(told).toHaveLength(1);
  return (told[0]?.reasons ?? []).map(shown);
}

function shown({ decided, text, at: place }: Reason): string {
  return `${decided ? '* ' : ''}${text}${place === undefined ? '' : ` @${place.line}`}`;
}

describe('a decision says what it looked at', () => {
  const publisher = principalOf({
    publish: { allow: entries(1, 'orders.>', 'log'), deny: entries(5, 'orders.secret') },
  });
  const reader = principalOf({
    subscribe: { allow: entries(1, 'orders.>', 'work q.*'), deny: entries(5, 'orders.secret', 'orders.* q') },
  });

  test.each<[string, (guard: Guard) => unknown, string[]]>([
    [
      'publish, nothing said',
      (guard) => guard.publish(principalOf(), b('x'), undefined, 0),
      ['* no publish permissions: everything inside the account is allowed'],
    ],
    [
      'publish, denied',
      (guard) => guard.publish(publisher, b('orders.secret'), undefined, 0),
      ['* deny "orders.secret" matches "orders.secret" @5'],
    ],
    [
      'publish, allowed',
      (guard) => guard.publish(publisher, b('log'), undefined, 0),
      [
        'deny "orders.secret" does not match "log" @5',
        'allow "orders.>" does not cover "log" @1',
        '* allow "log" covers "log" @2',
      ],
    ],
    [
      'publish, not allowed',
      (guard) => guard.publish(publisher, b('payments.x'), undefined, 0),
      [
        'deny "orders.secret" does not match "payments.x" @5',
        'allow "orders.>" does not cover "payments.x" @1',
        'allow "log" does not cover "payments.x" @2',
        '* nothing in the allow list covers "payments.x" @1',
      ],
    ],
    [
      'publish, no answer due',
      (guard) =>
        guard.publish(publisher, b('orders.secret'), new ResponseGrants({ max: 1, expiresMs: -1 }), 0),
      [
        'allow_responses: no answer to "orders.secret" is due',
        '* deny "orders.secret" matches "orders.secret" @5',
      ],
    ],
    [
      'publish, answers only',
      (guard) => guard.publish(principalOf({ responses: { max: 1, expiresMs: 1 } }), b('x'), undefined, 0),
      ['* allow_responses without publish permissions: only answers may be published'],
    ],
    [
      'publish, reserved',
      (guard) => guard.publish(principalOf(), b('_GR_.x'), undefined, 0),
      ['* "_GR_.>" routes replies between servers'],
    ],
    [
      'reply, reserved',
      (guard) => guard.reply(principalOf(), b('$JS.ACK.x')),
      ['* replies under "$JS.ACK.>" are the server\'s own'],
    ],
    [
      'reply, own',
      (guard) => guard.reply(principalOf(), b('_INBOX.x')),
      ['* "_INBOX.x" is no reply subject of the server\'s own'],
    ],
    [
      'subscribe, nothing said',
      (guard) => guard.subscribe(principalOf(), b('x'), EMPTY_BYTES),
      ['* no subscribe permissions: everything inside the account is allowed'],
    ],
    [
      'subscribe, partly denied',
      (guard) => guard.subscribe(reader, b('orders.>'), EMPTY_BYTES),
      [
        'deny "orders.secret" does not match "orders.>" @5',
        'deny "orders.* q" does not match "orders.>" @6',
        'deny "orders.secret" hides a part of "orders.>" @5',
        '* allow "orders.>" covers "orders.>" @1',
      ],
    ],
    [
      'subscribe, denied in a queue',
      (guard) => guard.subscribe(reader, b('orders.new'), b('q')),
      [
        'deny "orders.secret" does not match "orders.new" in queue "q" @5',
        '* deny "orders.* q" matches "orders.new" in queue "q" @6',
      ],
    ],
    [
      'subscribe, not allowed',
      (guard) => guard.subscribe(reader, b('work'), b('r')),
      [
        'deny "orders.secret" does not match "work" in queue "r" @5',
        'deny "orders.* q" does not match "work" in queue "r" @6',
        'allow "orders.>" does not cover "work" in queue "r" @1',
        'allow "work q.*" does not cover "work" in queue "r" @2',
        '* nothing in the allow list covers "work" in queue "r" @1',
      ],
    ],
    [
      'deliver',
      (guard) => guard.deliver(reader, b('orders.secret'), EMPTY_BYTES),
      ['* deny "orders.secret" matches "orders.secret" @5'],
    ],
    [
      'crossing, open',
      (guard) =>
        guard.crossing(A, { remote: b('s.x'), at: at(9) }, { subject: b('s.*'), at: at(4) }, principalOf()),
      ['imports the service "s.x" @9', '* export of the service "s.*" covers "s.x" @4'],
    ],
    [
      'crossing, no export',
      (guard) => guard.crossing(A, { kind: 'stream', remote: b('s.x'), at: at(9) }, undefined, principalOf()),
      ['imports the stream "s.x" @9', '* the other account exports no stream that covers "s.x" @9'],
    ],
    [
      'crossing, private',
      (guard) =>
        guard.crossing(
          A,
          { remote: b('s.x'), at: at(9) },
          { subject: b('s.*'), accounts: [B], at: at(4) },
          principalOf(),
        ),
      ['imports the service "s.x" @9', '* export of the service "s.*" is not offered to account "A" @4'],
    ],
    [
      'response, spent',
      (guard) => guard.response(new Allowance(0, 1), 0, principalOf(), b('r')),
      ['* the way back is used up or its time is over'],
    ],
    [
      'scope, foreign',
      (guard) =>
        guard.scope(
          { principal: principalOf(undefined, 'B'), account: B },
          { scope: 'named-account', target: b('A') },
          b('x'),
        ),
      ['account "B" is not the system account', '* the subject names account "A", the caller is account "B"'],
    ],
  ])('%s', (_name, ask, expected) => {
    expect(reasonsOf(ask)).toEqual(expected);
  });

  test('an answer that is due goes before a deny', () => {
    const grants = new ResponseGrants({ max: 1, expiresMs: -1 });
    grants.grant(b('orders.secret'), 0);
    expect(reasonsOf((guard) => guard.publish(publisher, b('orders.secret'), grants, 0))).toEqual([
      '* allow_responses: an answer to "orders.secret" is due',
    ]);
  });

  test('connect says which check turned it away', () => {
    const facts = {
      found: 'guest',
      namesAccount: false,
      connectionType: 'STANDARD',
      allowedTypes: ['WEBSOCKET', 'MQTT'],
      connections: 0,
      maxConnections: 5,
    } as const;
    expect(reasonsOf((guard) => guard.connect(facts, undefined, EMPTY_BYTES))).toEqual([
      '* kind STANDARD is not among those allowed: WEBSOCKET, MQTT',
    ]);
    expect(
      reasonsOf((guard) => guard.connect({ ...facts, connectionType: 'MQTT' }, undefined, EMPTY_BYTES)),
    ).toEqual([
      'connections of kind MQTT are allowed',
      'the account holds 0 of at most 5 connections',
      '* no credentials were given, and there is a user for that',
    ]);
  });
});

describe('with any permissions', () => {
  const pattern = fc.constantFrom('a', 'a.b', 'a.*', '*', '*.b', '>', 'a.>', 'b.a q', '* q', 'a.> *');
  const rights = fc.record({
    allow: fc.array(pattern, { maxLength: 3 }),
    deny: fc.array(pattern, { maxLength: 3 }),
  });
  const subject = fc.constantFrom('a', 'b', 'a.b', 'b.a', 'a.*', '>', '*.b');
  const queue = fc.constantFrom('', 'q', 'r');

  test('a trace changes nothing, ends with the one reason that decided, and names an entry of the configuration', () => {
    fc.assert(
      fc.property(rights, subject, queue, ({ allow, deny }, asked, group) => {
        const both = { allow: entries(1, ...allow), deny: entries(11, ...deny) };
        const principal = principalOf({ publish: both, subscribe: both });
        const silent = new Guard({ system: A });
        const { guard, told } = listened();
        const asks: ((guard: Guard) => unknown)[] = [
          (each) => each.publish(principal, b(asked), undefined, 0),
          (each) => each.subscribe(principal, b(asked), b(group)),
          (each) => each.deliver(principal, b(asked), b(group)),
        ];
        for (const ask of asks) expect(ask(guard)).toEqual(ask(silent));
        for (const { reasons } of told) {
          expect(reasons.map((reason) => reason.decided)).toEqual(
            reasons.map((_, i, all) => i === all.length - 1),
          );
          for (const { at: place } of reasons) {
            if (place === undefined) continue;
            const entry = [...both.allow, ...both.deny].find((each) => each.at === place);
            expect(entry).toBeDefined();
          }
        }
      }),
    );
  });

  test('without the entry that a refusal names, it is allowed or another entry decides', () => {
    fc.assert(
      fc.property(rights, subject, ({ allow, deny }, asked) => {
        const denies = entries(11, ...deny);
        const ask = (list: PermissionEntry[]): Decision | undefined => {
          const { guard, told } = listened();
          guard.subscribe(
            principalOf({ subscribe: { allow: entries(1, ...allow), deny: list } }),
            b(asked),
            EMPTY_BYTES,
          );
          return told[0];
        };
        const first = ask(denies);
        if (first?.verdict.rule !== 'subscribe-denied') return;
        const named = first.reasons.at(-1)?.at;
        expect(named).toBeDefined();
        expect(ask(denies.filter((entry) => entry.at !== named))?.reasons.at(-1)?.at).not.toEqual(named);
      }),
    );
  });
});

describe('who listens', () => {
  test('while nobody does, no reason is made', () => {
    const guard = new Guard({ system: A });
    const entry = {
      subject: b('x'),
      get at(): Position {
        throw new Error('looked up for nobody');
      },
    };
    const principal = principalOf({ publish: { deny: [entry] }, subscribe: { deny: [entry] } });
    expect(guard.publish(principal, b('x'), undefined, 0).allowed).toBe(false);
    expect(guard.subscribe(principal, b('x'), EMPTY_BYTES).allowed).toBe(false);
    expect(guard.deliver(principal, b('x'), EMPTY_BYTES).allowed).toBe(false);
    guard.observe(() => {}, { reasons: true });
    expect(() => guard.publish(principal, b('x'), undefined, 0)).toThrow('looked up for nobody');
  });

  test('verdicts are kept again as soon as nobody wants every decision', () => {
    const { guard, listening } = listened();
    const before = guard.generation;
    expect(guard.mayKeep).toBe(false);
    listening.close();
    expect(guard.mayKeep).toBe(true);
    guard.observe(() => {}, { every: true });
    expect(guard.generation).toBeGreaterThan(before);
  });

  test.each<[Observation, string[]]>([
    [{}, ['publish allowed', 'publish refused', 'crossing refused', 'response refused']],
    [{ refusalsOnly: true }, ['publish refused', 'crossing refused', 'response refused']],
    [
      { every: true },
      [
        'publish allowed',
        'publish refused',
        'deliver refused',
        'deliver allowed',
        'crossing refused',
        'response refused',
      ],
    ],
    [
      { every: true, refusalsOnly: true },
      ['publish refused', 'deliver refused', 'crossing refused', 'response refused'],
    ],
  ])('wanting %j hears its share, beside others who want something else', (wants, expected) => {
    const { guard, told } = listened(wants);
    for (const others of [{}, { every: true }, { refusalsOnly: true }]) guard.observe(() => {}, others);
    const principal = principalOf({
      publish: { deny: entries(1, 'x') },
      subscribe: { deny: entries(2, 'x') },
    });
    guard.publish(principal, b('y'), undefined, 0);
    guard.publish(principal, b('x'), undefined, 0);
    guard.deliver(principal, b('x'), EMPTY_BYTES);
    guard.deliver(principal, b('y'), EMPTY_BYTES);
    guard.crossing(A, { remote: b('x') }, undefined, principal);
    guard.response(new Allowance(0, 0), 0, principal, b('r'));
    expect(told.map(({ action, verdict }) => `${action} ${verdict.allowed ? 'allowed' : 'refused'}`)).toEqual(
      expected,
    );
  });

  test('every decision is counted by its rule, listened to or not', () => {
    const guard = new Guard({ system: A });
    const principal = principalOf({
      publish: { deny: entries(1, 'x') },
      subscribe: { deny: entries(2, 'x') },
    });
    for (let i = 0; i < 3; i++) guard.publish(principal, b('x'), undefined, 0);
    guard.publish(principal, b('y'), undefined, 0);
    guard.deliver(principal, b('x'), EMPTY_BYTES);
    expect(guard.ruleCounters()).toEqual({
      'publish-denied': { allowed: 0, refused: 3 },
      'publish-allowed': { allowed: 1, refused: 0 },
      'deliver-denied': { allowed: 0, refused: 1 },
    });
  });
});
