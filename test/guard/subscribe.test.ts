import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Guard } from '../../src/guard/index.ts';
import { type ByteString, matches, toBytes } from '../../src/subjects/index.ts';
import { principalOf, side } from './support.ts';

const guard = new Guard({ system: undefined });
const b = (text: string) => toBytes(text);

describe('subscribe', () => {
  test.each([
    [undefined, undefined, 'foo', '', true, 'subscribe-unrestricted', false],
    [['foo'], undefined, 'foo', '', true, 'subscribe-allowed', false],
    [['foo'], undefined, 'bar', '', false, 'subscribe-not-allowed', false],
    [['foo'], undefined, 'foo', 'q', true, 'subscribe-allowed', false],
    [['foo'], undefined, 'bar', 'q', false, 'subscribe-not-allowed', false],
    [['foo.*'], undefined, 'foo.*', '', true, 'subscribe-allowed', false],
    [['foo.*'], undefined, 'foo.>', '', false, 'subscribe-not-allowed', false],
    [['foo.*'], undefined, '*.x', '', false, 'subscribe-not-allowed', false],
    [['foo.*'], undefined, '>', '', false, 'subscribe-not-allowed', false],
    [['foo.>'], undefined, 'foo.*.>', '', true, 'subscribe-allowed', false],
    [['foo.>'], undefined, 'foo', '', false, 'subscribe-not-allowed', false],
    [['foo.>'], undefined, 'foo..x', '', false, 'subscribe-not-allowed', false],
    [['a', 'b'], undefined, '*', '', false, 'subscribe-not-allowed', false],
    [['>'], undefined, '>', '', true, 'subscribe-allowed', false],
    [[], undefined, 'foo', '', true, 'subscribe-allowed', false],
    [undefined, ['foo'], 'bar', '', true, 'subscribe-allowed', false],
    [undefined, ['foo'], 'foo', '', false, 'subscribe-denied', false],
    [undefined, ['foo'], 'foo', 'q', false, 'subscribe-denied', false],
    [undefined, ['foo'], '*', '', true, 'subscribe-allowed', true],
    [undefined, ['foo'], '*', 'q', true, 'subscribe-allowed', true],
    [undefined, ['foo.*'], 'foo.*', '', false, 'subscribe-denied', false],
    [undefined, ['foo.*'], 'foo.>', '', false, 'subscribe-denied', false],
    [undefined, ['foo.*.x'], 'foo.>', '', true, 'subscribe-allowed', true],
    [undefined, ['>'], 'foo', '', false, 'subscribe-denied', false],
    [['foo.>'], ['foo.bar'], 'foo.*', '', true, 'subscribe-allowed', true],
    [['foo.>'], ['foo.bar'], 'foo.bar', '', false, 'subscribe-denied', false],
    [['foo q'], undefined, 'foo', 'q', true, 'subscribe-allowed', false],
    [['foo q'], undefined, 'foo', '', false, 'subscribe-not-allowed', false],
    [['foo q'], undefined, 'foo', 'r', false, 'subscribe-not-allowed', false],
    [['foo *.dev'], undefined, 'foo', 'a.dev', true, 'subscribe-allowed', false],
    [['foo *.dev'], undefined, 'foo', 'a.b.dev', false, 'subscribe-not-allowed', false],
    [['foo *.dev'], undefined, 'foo', '>.dev', false, 'subscribe-not-allowed', false],
    [undefined, ['foo q'], 'foo', '', true, 'subscribe-allowed', false],
    [undefined, ['foo q'], 'foo', 'r', true, 'subscribe-allowed', false],
    [undefined, ['foo q'], 'foo', 'q', false, 'subscribe-denied', false],
    [undefined, ['foo *.prod'], 'foo', 'a.prod', false, 'subscribe-denied', false],
    [undefined, ['foo *.prod'], 'foo', 'a.dev', true, 'subscribe-allowed', false],
    [undefined, ['foo.bar q'], 'foo.*', 'q', true, 'subscribe-allowed', true],
    [['föö.>'], undefined, 'föö.x', '', true, 'subscribe-allowed', false],
    [['föö.>'], undefined, 'foo.x', '', false, 'subscribe-not-allowed', false],
  ] as const)(
    'with allow %j and deny %j: %s queue %j is %j by %s, filtered %j',
    (allow, deny, subject, queue, allowed, rule, filtered) => {
      const permissions =
        allow === undefined && deny === undefined ? undefined : { subscribe: side(allow, deny) };
      const verdict = guard.subscribe(principalOf(permissions), b(subject), b(queue));
      expect(verdict).toMatchObject({ allowed, rule, filtered });
    },
  );
});

describe('deliver', () => {
  test.each([
    [['foo'], 'foo', '', false],
    [['foo'], 'bar', '', true],
    [['foo.*'], 'foo.a', '', false],
    [['foo.*'], 'foo.a.b', '', true],
    [['foo q'], 'foo', 'q', false],
    [['foo q'], 'foo', '', true],
    [['foo q'], 'foo', 'r', true],
    [['föö'], 'föö', '', false],
  ] as const)('with deny %j: %s to queue %j is %j', (deny, subject, queue, allowed) => {
    const principal = principalOf({ subscribe: side(undefined, deny) });
    expect(guard.deliver(principal, b(subject), b(queue)).allowed).toBe(allowed);
  });
});

describe('what reaches a subscriber', () => {
  const token = fc.constantFrom('a', 'b', '*');
  const pattern = fc
    .tuple(fc.array(token, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([tokens, full]) => [...tokens, ...(full ? ['>'] : [])].join('.'));
  const literal = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    .map((tokens) => tokens.join('.'));
  const queue = fc.constantFrom('', 'q', 'r');
  const entry = fc
    .tuple(pattern, fc.constantFrom('', '', ' q', ' *'))
    .map(([subject, group]) => subject + group);

  test('is allowed by an entry for its kind and denied by none, whatever wildcards were subscribed to', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 3 }),
        fc.array(entry, { maxLength: 3 }),
        pattern,
        literal,
        queue,
        (allow, deny, subscribed, published, group) => {
          const principal = principalOf({ subscribe: side(allow, deny) });
          const verdict = guard.subscribe(principal, b(subscribed), b(group));
          if (!verdict.allowed || !matches(b(subscribed), b(published))) return;
          if (verdict.filtered && !guard.deliver(principal, b(published), b(group)).allowed) return;
          const speaks = (text: string) => {
            const [subject = '', name] = text.split(' ');
            const concerns = name === undefined || (group !== '' && (name === '*' || name === group));
            return concerns && matches(subject as ByteString, b(published));
          };
          expect(deny.some(speaks)).toBe(false);
          if (allow.length > 0) expect(allow.some(speaks)).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
