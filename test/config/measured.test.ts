import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/config/digest.ts';
import { ConfigError, parseConfig, parseValues } from '../../src/config/index.ts';
import measured from './measured-2.14.5.json' with { type: 'json' };

/** The files that the samples include. */
const FILES = new Map([
  ['inc.conf', 'port: 1\n'],
  ['usex.conf', 'server_name: $x\n'],
  ['sub/a.conf', 'include ./b.conf\n'],
  ['sub/b.conf', 'port: 7\n'],
]);

function readFile(path: string): string {
  const text = FILES.get(path);
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
}

/** What is made of a text: its digest, or the messages of its problems. */
function outcome(text: string, scalar: boolean): string | string[] {
  const how = { file: 'x.conf', readFile, check: true };
  try {
    return scalar ? digestOf(parseValues(text, how)) : parseConfig(text, how).digest;
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.problems.map((problem) => problem.message).sort();
  }
}

/**
 * The real server takes `accounts: <scalar>` for nothing at all, which makes it a probe for how it reads a scalar;
 * here such a value is refused, so only the values are compared.
 */
const isProbe = (text: string, real: unknown) => typeof real === 'string' && /^accounts: ?[^ {[]/.test(text);

describe('parseConfig on samples that `nats-server -t` 2.14.5 was given', () => {
  for (const [text, real] of measured as [string, string | string[]][]) {
    const expected = typeof real === 'string' ? real : [...real].sort();
    it(`${typeof real === 'string' ? 'accepts' : 'refuses'} ${JSON.stringify(text)}`, () => {
      expect(outcome(`${text}\n`, isProbe(text, real))).toEqual(expected);
    });
  }
});

/** Texts on which this server decides otherwise, on purpose. `real`: what 2.14.5 says. */
const DIFFERENCES: readonly { text: string; real: string; here: RegExp | 'accepted' }[] = [
  { text: 'port: 1 }', real: 'accepted', here: /got '}' instead/ },
  { text: '{ port: 1', real: 'accepted', here: /Unexpected EOF processing map/ },
  { text: '{ }\nport: 1', real: 'accepted', here: /Expected nothing after the map around the whole file/ },
  { text: '}', real: 'config has no values or is empty', here: /Unexpected '}'/ },
  { text: 'accounts: ,', real: 'accepted as an empty string', here: /Expected a value, but got ','/ },
  { text: "server_name: a'", real: 'accepted without the quote', here: /got ''' instead/ },
  { text: 'max_payload: 10e', real: 'accepted, wraps around', here: /integer '10e' is out of the range/ },
  { text: 'accounts: 5', real: 'accepted and ignored', here: /Expected accounts to be a map or a list/ },
  { text: 'authorization { pass: b }', real: 'accepted', here: /a password but no user/ },
  { text: 'max_payload: -1', real: 'accepted', here: /max_payload value can not be negative/ },
  { text: 'accounts { "" {} }', real: 'accepted', here: /an account needs a name/ },
  {
    text: 'no_auth_user: zz',
    real: 'accepted by -t, refused at the start',
    here: /users\/nkeys are not defined/,
  },
  { text: 'server_tags: ["a"]', real: 'accepted', here: 'accepted' },
  {
    text: 'X: [1]\naccounts: { A: { X: $X, Y: 1, users: [] } }',
    real: 'a number before ] is refused',
    here: /"Y"/,
  },
];

describe('parseConfig where it differs from 2.14.5', () => {
  for (const { text, real, here } of DIFFERENCES) {
    it(`${JSON.stringify(text)} (there: ${real})`, () => {
      const got = outcome(`${text}\n`, false);
      if (here === 'accepted') expect(got).toMatch(/^sha256:/);
      else expect([got].flat().join('\n')).toMatch(here);
    });
  }
});
