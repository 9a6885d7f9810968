import { describe, expect, expectTypeOf, it } from 'vitest';
import { endpoint, SILENT, type TokensOf } from '../../src/api/endpoint.ts';
import { payloadIgnored } from '../../src/api/request-rule.ts';
import type { JetStream } from '../../src/jetstream/index.ts';
import type { ByteString } from '../../src/subjects/index.ts';

/**
 * Authority by construction: what these rows do wrong must not compile. `tsc` checks this file; when one of the marks
 * below finds no error any more, the build fails.
 */
const common = {
  door: 'system-service',
  request: payloadIgnored(),
  response: 'x_response',
  doc: 'A row for tests.',
  effect: 'full',
} as const;

describe('endpoint', () => {
  it('asks for a scope', () => {
    // @ts-expect-error scope is missing, and it has no default
    const row = endpoint({ ...common, subject: '$JS.API.X', handle: () => SILENT });
    expect(row).toBeDefined();
  });

  it('refuses a scope that does not exist', () => {
    // @ts-expect-error nobody has this scope
    const row = endpoint({ ...common, subject: '$JS.API.X', scope: 'everybody', handle: () => SILENT });
    expect(row).toBeDefined();
  });

  it('gives an account handler nothing but its own JetStream', () => {
    const row = endpoint({
      ...common,
      subject: '$JS.API.X.<account>',
      scope: 'account',
      handle(context, { tokens }) {
        expectTypeOf(context.jetstream).toEqualTypeOf<JetStream>();
        // @ts-expect-error an account handler has no name for another account
        context.jetStreamNamed(tokens.account);
        return SILENT;
      },
    });
    expect(row.scope).toBe('account');
  });

  it('gives a named-account handler the named account and nothing else', () => {
    const row = endpoint({
      ...common,
      subject: '$JS.API.X.<account>',
      scope: 'named-account',
      handle(context, { tokens }) {
        expectTypeOf(context.jetstream).toEqualTypeOf<JetStream | undefined>();
        // @ts-expect-error the subject was bound to one account
        context.jetStreamNamed(tokens.account);
        return SILENT;
      },
    });
    expect(row.scope).toBe('named-account');
  });

  it('gives a system handler the whole server', () => {
    const row = endpoint({
      ...common,
      subject: '$JS.API.X.<account>',
      scope: 'system',
      handle(context, { tokens }) {
        expectTypeOf(context.jetStreamNamed(tokens.account)).toEqualTypeOf<JetStream | undefined>();
        // @ts-expect-error it has no JetStream of its own
        context.jetstream?.deleteAll();
        return SILENT;
      },
    });
    expect(row.scope).toBe('system');
  });

  it('reads the names of the tokens from the subject', () => {
    expectTypeOf<TokensOf<'$JS.API.A.<stream>.B.<filter…>'>>().toEqualTypeOf<{
      readonly stream: ByteString;
      readonly filter: ByteString;
    }>();
    const row = endpoint({
      ...common,
      subject: '$JS.API.X.<stream>',
      scope: 'account',
      handle(_context, { tokens }) {
        expectTypeOf(tokens.stream).toEqualTypeOf<ByteString>();
        // @ts-expect-error the subject has no token of this name
        return { consumer: tokens.consumer };
      },
    });
    expect(row.subject).toBe('$JS.API.X.<stream>');
  });

  it('asks an account subject when it exists', () => {
    // @ts-expect-error a subscription inside an account needs a lifetime
    const row = endpoint({
      ...common,
      door: 'account-subject',
      subject: '$JS.X',
      scope: 'account',
      handle: () => SILENT,
    });
    expect(row).toBeDefined();
  });
});
