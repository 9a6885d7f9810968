import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateNames } from '../../src/auth/certificate-names.ts';
import { CertificateUsers } from '../../src/auth/certificate-users.ts';
import {
  type DistinguishedName,
  parseDistinguishedName,
  sameDistinguishedName,
} from '../../src/auth/distinguished-name.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { certificate } from '../server/tls-world.ts';

const der = (name: string): Buffer => new X509Certificate(certificate(name).cert).raw;

describe('certificateNames', () => {
  const NAMES: readonly [string, object][] = [
    ['email', { emails: ['email@example.com'], hosts: [], uris: [] }],
    ['dns', { emails: [], hosts: ['client.example.com'], uris: [] }],
    ['uri', { emails: [], hosts: [], uris: ['spiffe://example.com/user'] }],
  ];

  it.each(NAMES)('reads the alternative names of %s', (name, names) => {
    expect(certificateNames(der(name))).toMatchObject(names);
  });

  it.each([
    ['alice', 'O=NATS,OU=Strangers,CN=Alice'],
    ['alice-twice', 'O=NATS,CN=Alice,CN=Alice'],
    ['dc', 'DC=com,DC=example,OU=users,CN=bob'],
    ['multi', 'O=NATS,OU=Part+CN=Multi'],
    ['odd', 'O=Acme\\, Inc. \\\\'],
  ])('reads the subject of %s', (name, text) => {
    const { subject } = certificateNames(der(name));
    expect(subject).toEqual(parseDistinguishedName(text));
  });

  it('gives no names, and throws nothing, for what is no certificate', () => {
    const whole = der('email');
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Buffer.from(whole);
      copy[at] = value;
      return copy;
    });
    const cut = fc.nat(whole.length - 1).map((end) => whole.subarray(0, end));
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    fc.assert(fc.property(fc.oneof(changed, cut, noise), (bytes) => void certificateNames(bytes)));
    fc.assert(
      fc.property(cut, (bytes) => {
        expect(certificateNames(bytes)).toEqual({ emails: [], hosts: [], uris: [] });
      }),
    );
  });
});

describe('distinguished names', () => {
  const part = fc.record({
    type: fc.constantFrom('CN', 'OU', 'O'),
    value: fc.constantFrom('a', 'b', 'A', 'a,b', ' ', 'a+b'),
  });
  const name: fc.Arbitrary<DistinguishedName> = fc.array(fc.array(part, { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 4,
  });
  const written = (dn: DistinguishedName): string =>
    dn
      .map((parts) =>
        parts.map(({ type, value }) => `${type}=${value.replace(/[,+\\ ]/g, '\\$&')}`).join('+'),
      )
      .join(', ');

  it('are read as they are written', () => {
    fc.assert(fc.property(name, (dn) => void expect(parseDistinguishedName(written(dn))).toEqual(dn)));
  });

  it('are the same in any order of their parts', () => {
    const shuffled = name.chain((dn) =>
      fc.shuffledSubarray([...dn], { minLength: dn.length }).map((other) => [dn, other] as const),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => void expect(sameDistinguishedName(one, other)).toBe(true)),
    );
  });

  it('are others as soon as a part is more often in the one than in the other', () => {
    const repeated = fc
      .tuple(name, fc.nat())
      .map(([dn, at]) => [dn, [...dn, dn[at % dn.length] ?? []]] as const);
    fc.assert(
      fc.property(repeated, ([one, more]) => {
        expect(sameDistinguishedName(one, more)).toBe(false);
        expect(sameDistinguishedName(more, one)).toBe(false);
      }),
    );
  });

  it('agree with counting', () => {
    const count = (dn: DistinguishedName): Map<string, number> => {
      const counts = new Map<string, number>();
      for (const each of dn) {
        const key = each
          .map(({ type, value }) => `${type}\n${value}`)
          .sort()
          .join('\n\n');
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return new Map([...counts].sort());
    };
    fc.assert(
      fc.property(name, name, (one, other) => {
        const equal = JSON.stringify([...count(one)]) === JSON.stringify([...count(other)]);
        expect(sameDistinguishedName(one, other)).toBe(equal);
      }),
    );
  });

  it.each([
    ['cn=Alice, o = NATS', 'CN=Alice,O=NATS', true],
    ['CN=alice,O=NATS', 'CN=Alice,O=NATS', false],
    ['2.5.4.3=Alice', 'CN=Alice', true],
    ['CN=a+OU=b', 'OU=b+CN=a', true],
    ['CN=a+OU=b', 'CN=a,OU=b', false],
    ['CN=\\41lice', 'CN=Alice', true],
  ])('%j and %j: %s', (one, other, same) => {
    const [a, b] = [parseDistinguishedName(one), parseDistinguishedName(other)];
    expect(a !== undefined && b !== undefined && sameDistinguishedName(a, b)).toBe(same);
  });

  it.each(['', 'Alice', 'CN', '=a', 'CN=a,', 'CN=a\\', 'CN=a,,O=b', 'C N=a'])('%j is none', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined();
  });
});

describe('CertificateUsers', () => {
  it('looks for emails, hosts and URIs before the subject', () => {
    const subject = parseDistinguishedName('CN=x') ?? [];
    const names = { emails: ['e@x'], hosts: ['h'], uris: ['u:'], subject };
    const known = ['e@x', 'h', 'u:', 'CN=x'];
    for (const [index, wanted] of known.entries()) {
      const users = new CertificateUsers(known.slice(index).map(toBytes));
      expect(users.find(names)).toBe(wanted);
    }
    expect(new CertificateUsers(['y' as never]).find(names)).toBeUndefined();
  });
});
