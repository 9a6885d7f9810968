import { createAccount, createServer, createUser, fromPublic } from '@nats-io/nkeys';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePublicNkey, encodePublicNkey } from '../../src/base/index.ts';

const MAKERS = { user: createUser, account: createAccount, server: createServer } as const;
const KINDS = ['user', 'account', 'server'] as const;

test('keys of the official library go round, and to no other kind', () => {
  for (const kind of KINDS) {
    for (let i = 0; i < 20; i++) {
      const text = MAKERS[kind]().getPublicKey();
      const raw = decodePublicNkey(kind, text);
      expect(raw).toHaveLength(32);
      expect(encodePublicNkey(kind, raw ?? new Uint8Array())).toBe(text);
      for (const other of KINDS) if (other !== kind) expect(decodePublicNkey(other, text)).toBeUndefined();
    }
  }
});

test('encodePublicNkey writes keys that the official library reads', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(...KINDS), (key, kind) => {
      const text = encodePublicNkey(kind, key);
      expect(fromPublic(text).getPublicKey()).toBe(text);
      expect(Buffer.from(decodePublicNkey(kind, text) ?? [])).toEqual(Buffer.from(key));
    }),
    { numRuns: 50 },
  );
});

test('decodePublicNkey refuses what was changed, cut or lengthened', () => {
  const text = createUser().getPublicKey();
  for (let at = 0; at < text.length - 1; at++) {
    const letter = text[at] === 'A' ? 'B' : 'A';
    expect(
      decodePublicNkey('user', text.slice(0, at) + letter + text.slice(at + 1)),
      `${at}`,
    ).toBeUndefined();
  }
  for (const wrong of [
    '',
    'U',
    text.slice(0, -1),
    `${text}A`,
    text.toLowerCase(),
    `${text.slice(0, -1)}1`,
    `${text.slice(0, -1)}=`,
  ]) {
    expect(decodePublicNkey('user', wrong), wrong).toBeUndefined();
  }
});

test('decodePublicNkey never throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      decodePublicNkey('user', text);
    }),
  );
});
