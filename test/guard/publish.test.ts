import { describe, expect, test } from 'vitest';
import { Guard, ResponseGrants } from '../../src/guard/index.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { principalOf, side } from './support.ts';

const guard = new Guard({ system: undefined });
const b = (text: string) => toBytes(text);

describe('publish', () => {
  /** allow list, deny list, subject, allowed?, rule. Every allowing row has a refusing twin. */
  test.each([
    [undefined, undefined, 'foo', true, 'publish-unrestricted'],
    [undefined, undefined, '_GR_.x', false, 'publish-reserved-subject'],
    [['foo'], undefined, 'foo', true, 'publish-allowed'],
    [['foo'], undefined, 'bar', false, 'publish-not-allowed'],
    [['foo.*'], undefined, 'foo.a', true, 'publish-allowed'],
    [['foo.*'], undefined, 'foo.a.b', false, 'publish-not-allowed'],
    [['foo.*'], undefined, 'foo', false, 'publish-not-allowed'],
    [['foo.>'], undefined, 'foo.a.b', true, 'publish-allowed'],
    [['foo.>'], undefined, 'foo', false, 'publish-not-allowed'],
    [['foo.>'], undefined, 'foo..b', false, 'publish-not-allowed'],
    [['foo.>'], undefined, 'foo.', false, 'publish-not-allowed'],
    [['foo.>'], undefined, 'foo.*', true, 'publish-allowed'],
    [['foo.>'], undefined, '>', false, 'publish-not-allowed'],
    [[], undefined, 'foo', true, 'publish-allowed'],
    [undefined, ['foo'], 'bar', true, 'publish-allowed'],
    [undefined, ['foo'], 'foo', false, 'publish-denied'],
    [undefined, ['foo.*'], 'foo.a.b', true, 'publish-allowed'],
    [undefined, ['foo.*'], 'foo.a', false, 'publish-denied'],
    [undefined, ['foo.*'], 'foo.*', false, 'publish-denied'],
    [undefined, ['foo.*'], 'foo.>', false, 'publish-denied'],
    [['foo.>'], ['foo.bar'], 'foo.baz', true, 'publish-allowed'],
    [['foo.>'], ['foo.bar'], 'foo.bar', false, 'publish-denied'],
    [['föö.*'], undefined, 'föö.x', true, 'publish-allowed'],
    [['föö.*'], undefined, 'foo.x', false, 'publish-not-allowed'],
    [undefined, ['föö.*'], 'föo.x', true, 'publish-allowed'],
    [undefined, ['föö.*'], 'föö.x', false, 'publish-denied'],
  ] as const)('with allow %j and deny %j: %s is %j by %s', (allow, deny, subject, allowed, rule) => {
    const permissions =
      allow === undefined && deny === undefined ? undefined : { publish: side(allow, deny) };
    const verdict = guard.publish(principalOf(permissions), b(subject), undefined, 0);
    expect(verdict).toMatchObject({ allowed, rule, cacheable: true });
  });

  test('a rule on a non-ASCII subject means its UTF-8 bytes, not its Latin-1 form', () => {
    const denied = principalOf({ publish: side(undefined, ['föö']) });
    expect(guard.publish(denied, 'f\xf6\xf6' as ByteString, undefined, 0).allowed).toBe(true);
    expect(guard.publish(denied, 'f\xc3\xb6\xc3\xb6' as ByteString, undefined, 0).allowed).toBe(false);
  });

  test.each(['_R_.x', '_GR_.x', '$JS.ACK.x', '$JS.ACK.'])('refuses the reply %s', (reply) => {
    expect(guard.reply(principalOf(), b(reply))).toMatchObject({
      allowed: false,
      rule: 'publish-reserved-reply',
    });
  });
  test.each(['x', '_R_', '_INBOX.x', '$JS.ACK', '$GNR.x', '_r_.x', '$JS.API.x'])(
    'takes the reply %s',
    (reply) => {
      expect(guard.reply(principalOf(), b(reply)).allowed).toBe(true);
    },
  );
});

describe('allow_responses', () => {
  const principal = principalOf({ publish: side(['log']), responses: { max: 2, expiresMs: 1_000 } });

  test('grants as many answers as configured, and is never cached', () => {
    const grants = new ResponseGrants({ max: 2, expiresMs: 1_000 });
    grants.grant(b('inbox.1'), 0);
    const ask = (subject: string, now: number) => guard.publish(principal, b(subject), grants, now);
    expect(ask('inbox.1', 0)).toMatchObject({ allowed: true, cacheable: false, rule: 'publish-response' });
    expect(ask('inbox.2', 0).allowed).toBe(false);
    expect(ask('log', 0)).toMatchObject({ allowed: true, cacheable: true });
    expect(ask('inbox.1', 999).allowed).toBe(true);
    expect(ask('inbox.1', 999).allowed).toBe(false);
  });

  test('expires', () => {
    const grants = new ResponseGrants({ max: -1, expiresMs: 1_000 });
    grants.grant(b('inbox.1'), 0);
    const ask = (now: number) => guard.publish(principal, b('inbox.1'), grants, now).allowed;
    expect([ask(0), ask(500), ask(999), ask(1_000), ask(0)]).toEqual([true, true, true, false, false]);
  });

  test('without bounds lives on', () => {
    const grants = new ResponseGrants({ max: -1, expiresMs: -1 });
    grants.grant(b('r'), 0);
    for (let i = 0; i < 100; i++) expect(guard.publish(principal, b('r'), grants, 1e15).allowed).toBe(true);
  });

  test('a second request with the same reply begins anew', () => {
    const grants = new ResponseGrants({ max: 1, expiresMs: 1_000 });
    grants.grant(b('r'), 0);
    expect(grants.use(b('r'), 0)).toBe(true);
    grants.grant(b('r'), 500);
    expect(grants.use(b('r'), 1_200)).toBe(true);
    expect(grants.use(b('r'), 1_200)).toBe(false);
  });

  test('holds a bounded number of grants, the oldest goes first', () => {
    const grants = new ResponseGrants({ max: 1, expiresMs: 1_000 });
    for (let i = 0; i < 65_537; i++) grants.grant(b(`r.${i}`), 0);
    expect(grants.use(b('r.0'), 0)).toBe(false);
    expect(grants.use(b('r.1'), 0)).toBe(true);
    expect(grants.use(b('r.65536'), 0)).toBe(true);
  });

  test('without a publish block allows nothing else', () => {
    const only = principalOf({ responses: { max: 1, expiresMs: 1_000 } });
    const grants = new ResponseGrants({ max: 1, expiresMs: 1_000 });
    expect(guard.publish(only, b('foo'), grants, 0)).toMatchObject({
      allowed: false,
      rule: 'publish-not-allowed',
    });
    grants.grant(b('foo'), 0);
    expect(guard.publish(only, b('foo'), grants, 0).allowed).toBe(true);
  });
});
