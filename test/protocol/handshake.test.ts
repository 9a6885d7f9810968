import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CONNECT, parseConnect, redactConnect } from '../../src/protocol/index.ts';

describe('parseConnect', () => {
  test('keeps defaults for what is absent or null', () => {
    expect(parseConnect('{}')).toEqual(DEFAULT_CONNECT);
    expect(parseConnect('null')).toEqual(DEFAULT_CONNECT);
    expect(parseConnect('{"verbose":null,"user":null}')).toEqual(DEFAULT_CONNECT);
  });

  test('keeps what an earlier CONNECT said', () => {
    const earlier = parseConnect('{"verbose":false,"user":"u","pass":"p","name":"n"}');
    expect(parseConnect('{"pedantic":false}', earlier)).toEqual({ ...earlier, pedantic: false });
    expect(parseConnect('{"user":"","pass":"q"}', earlier)).not.toHaveProperty('user');
  });

  test('reads names in any case and credentials as bytes', () => {
    const options = parseConnect('{"VERBOSE":false,"User":"föö","pass":"föö"}');
    expect(options).toMatchObject({ verbose: false, user: 'f\xc3\xb6\xc3\xb6', pass: 'föö' });
  });

  test.each([
    '',
    ' ',
    '{',
    '[]',
    '"x"',
    '5',
    '{"verbose":1}',
    '{"verbose":"true"}',
    '{"protocol":"1"}',
    '{"protocol":1.5}',
    '{"name":5}',
    '{"user":{}}',
    '{"jwt":[]}',
    '{"import":5}',
    '{"headers":"x"}',
  ])('refuses %j', (text) => {
    expect(parseConnect(text)).toBeUndefined();
  });

  test('cannot reach a prototype', () => {
    parseConnect('{"__proto__":{"echo":false},"constructor":{"prototype":{"polluted":1}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(parseConnect('{"__proto__":{"echo":false}}')).toEqual(DEFAULT_CONNECT);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseConnect(text)));
  });
});

describe('redactConnect', () => {
  test('replaces every secret and keeps the rest', () => {
    const text = '{"user":"u","pass":"p\\"q","auth_token":"t","JWT" : "j","sig":"s","name":"n"}';
    const shown = redactConnect(text);
    expect(shown).toContain('"user":"u"');
    expect(shown).toContain('"name":"n"');
    for (const secret of ['p\\"q', '"t"', '"j"', '"s"']) expect(shown).not.toContain(secret);
  });

  test('never shows a secret, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4 }),
        fc.constantFrom('pass', 'auth_token', 'jwt', 'sig'),
        (noise, key) => {
          const secret = `s3cr3t-${noise}`;
          expect(redactConnect(JSON.stringify({ user: 'u', [key]: secret }))).not.toContain('s3cr3t');
        },
      ),
    );
  });

  test('hides a secret whose name is written with escapes', () => {
    expect(redactConnect('{"p\\u0061ss":"s3cr3t"}')).not.toContain('s3cr3t');
    expect(redactConnect('{"p\\u0061ss":"s3cr3t')).not.toContain('s3cr3t');
  });

  test('hides a secret whose string does not end', () => {
    expect(redactConnect('{"pass":"s3cr3t')).not.toContain('s3cr3t');
  });
});
