import { describe, expect, it } from 'vitest';
import { type AccountOptions, parseConfig, type ServerOptions } from '../../src/config/index.ts';
import { refusalOf } from './helpers.ts';

const optionsOf = (text: string): ServerOptions => parseConfig(text, { file: 'x.conf' }).options;
const warningsOf = (text: string) => parseConfig(text, { file: 'x.conf' }).warnings.map((w) => w.message);

/** An account `A` with these exports, and `B`. */
const exporting = (exports: string) => `accounts { A { exports: [${exports}] }\nB {} }`;
/** An account `B` with these imports from `A`, which offers the streams `s.>` and the services `v.>`. */
const importing = (imports: string) =>
  `accounts { A { exports: [ {stream: s.>}, {service: v.>} ] }\nB { imports: [${imports}] } }`;

function accountOf(text: string, name: string): AccountOptions {
  const account = optionsOf(text).accounts.find((each) => each.name === name);
  if (account === undefined) throw new Error(`expected an account ${name}`);
  return account;
}

describe('exports', () => {
  const DEFAULTS = { responseType: 'singleton', thresholdMs: 120_000, allowTrace: false };

  it.each<[string, object]>([
    ['{stream: x.>}', { kind: 'stream', subject: 'x.>', ...DEFAULTS }],
    ['{service: x}', { kind: 'service', subject: 'x', ...DEFAULTS }],
    ['{accounts: [B], service: x}', { accounts: ['B'] }],
    ['{service: x, response: stream}', { responseType: 'stream' }],
    ['{response_type: Chunk, service: x}', { responseType: 'chunked' }],
    ['{service: x, response: single}', { responseType: 'singleton' }],
    ['{service: x, threshold: "5s"}', { thresholdMs: 5000 }],
    ['{service: x, response_time: "1m"}', { thresholdMs: 60_000 }],
    ['{service: x, response_max_time: 0s}', { thresholdMs: 120_000 }],
    ['{service: x, latency: m.x}', { latency: { subject: 'm.x', sampling: 100 } }],
    ['{service: x, latency: {subject: m, sampling: 7}}', { latency: { subject: 'm', sampling: 7 } }],
    ['{service: x, latency: {subject: m, sampling: 7%}}', { latency: { sampling: 7 } }],
    ['{service: x, latency: {subject: m, sampling: "7"}}', { latency: { sampling: 7 } }],
    ['{service: x, latency: {subject: m, sampling: Headers}}', { latency: { sampling: 'headers' } }],
    ['{service: "x.*.y", account_token_position: 2}', { accountTokenPosition: 2 }],
    ['{service: x, allow_trace: true}', { allowTrace: true }],
  ])('are read from %s', (text, expected) => {
    const { exports } = accountOf(exporting(text), 'A');
    expect(exports).toMatchObject([{ ...expected, at: { file: 'x.conf', line: 1, column: 26 } }]);
  });

  it('of one subject are one, for the accounts of all their lists', () => {
    const text = exporting(
      '{stream: x, accounts: [A]}, {stream: x}, {service: x}, {stream: x, accounts: [B]}',
    );
    expect(accountOf(text, 'A').exports).toMatchObject([
      { kind: 'stream', subject: 'x', accounts: ['A', 'B'] },
      { kind: 'service', subject: 'x' },
    ]);
    expect(accountOf(text, 'A').exports[1]?.accounts).toBeUndefined();
  });

  it('with an empty list of accounts are for all of them, which is said', () => {
    const text = exporting('{service: x, accounts: []}');
    expect(accountOf(text, 'A').exports[0]?.accounts).toBeUndefined();
    expect(warningsOf(text)).toEqual(['an empty list of accounts offers the export to every account']);
  });

  // The texts up to the first bracket are those of 2.14.5, except where it accepts the export.
  it.each([
    ['5 ', '26: Export Items should be a map with type entry, got int64'],
    ['{}', '26: an export needs a "stream" or a "service"'],
    ['{stream: x, service: y}', '38: Detected service "y" but already saw a stream'],
    ['{service: x, stream: y}', '39: Detected stream "y" but already saw a service'],
    ['{stream: 5}', '27: Expected stream name to be string, got int64'],
    ['{stream: "a..b"}', '26: Error adding stream export "a..b": sublist: invalid subject'],
    ['{service: x, accounts: B}', '39: interface conversion: interface {} is string, not []interface {}'],
    ['{stream: x, accounts: [ZZ]}', '26: "ZZ" account not defined for stream export (of "x" by account "A")'],
    [
      '{service: x, accounts: [B, ZZ]}',
      '26: "ZZ" account not defined for service export (of "x" by account "A")',
    ],
    ['{service: x, response: foo}', '39: Unknown response type: "foo"'],
    ['{service: x, response: 5}', '39: Expected response type to be string, got int64'],
    ['{stream: x, response: stream}', '38: Detected response directive on non-service'],
    ['{response: stream, stream: x}', '27: Detected response directive on non-service'],
    ['{stream: x, threshold: "5s"}', '38: Detected response directive on non-service'],
    ['{stream: x, latency: foo}', '38: Detected latency directive on non-service'],
    ['{stream: x, allow_trace: true}', '38: Detected allow_trace directive on non-service'],
    [
      '{service: x, threshold: 5}',
      '39: Expected response threshold to be a parseable time duration, got int64',
    ],
    [
      '{service: x, threshold: "5"}',
      '39: Expected response threshold to be a parseable time duration, got "5"',
    ],
    ['{service: x, threshold: "-5s"}', '39: response threshold can not be negative, got -5s'],
    [
      '{service: x, response: stream, latency: foo}',
      '57: Error adding service latency sampling for "x" on subject "foo": bad service response type',
    ],
    [
      '{service: x, latency: "a.*"}',
      '39: Error adding service latency sampling for "x" on subject "a.*": invalid publish subject',
    ],
    ['{service: x, latency: {sampling: 0, subject: y}}', '49: bad sampling percentage, should be 1-100'],
    ['{service: x, latency: {sampling: 101, subject: y}}', '49: bad sampling percentage, should be 1-100'],
    [
      '{service: x, latency: {sampling: "5x%", subject: y}}',
      '49: Failed to parse latency sample: strconv.Atoi: parsing "5x": invalid syntax',
    ],
    [
      '{service: x, latency: {sampling: true, subject: y}}',
      '49: Expected latency sample to be a string or map/struct, got bool',
    ],
    ['{service: x, latency: {sampling: 50}}', '39: Latency subject required, but missing'],
    ['{service: x, latency: 5}', '39: Expected latency entry to be a map/struct or string, got int64'],
    [
      '{service: "x.*", account_token_position: 1}',
      '26: Error adding service export "x.*": sublist: invalid subject (account_token_position 1 is not a "*" of it)',
    ],
    [
      '{stream: "x.>", account_token_position: 2}',
      '26: Error adding stream export "x.>": sublist: invalid subject (account_token_position 2 is not a "*" of it)',
    ],
    ['{service: "x.*", account_token_position: -1}', '43: account_token_position can not be negative'],
    ['{service: x, foo: 5}', '39: unknown field "foo"'],
  ])('refuse %s', (text, message) => {
    expect(refusalOf(exporting(text))).toBe(`x.conf:1:${message}`);
  });

  it('are a list', () => {
    expect(refusalOf('accounts { A { exports: {stream: x} } }')).toBe(
      'x.conf:1:16: Exports should be an array, got map[string]interface {}',
    );
  });
});

describe('imports', () => {
  it.each<[string, object]>([
    ['{stream: {account: A, subject: s.a}}', { kind: 'stream', account: 'A', subject: 's.a', share: false }],
    ['{stream: {account: A, subject: s.>}, prefix: p}', { prefix: 'p' }],
    ['{stream: {account: A, subject: s.>}, prefix: "p."}', { prefix: 'p' }],
    ['{prefix: "", stream: {account: A, subject: s.a}, to: ""}', { kind: 'stream' }],
    ['{stream: {account: A, subject: s.*.*}, to: "p.$2.$1"}', { to: 'p.$2.$1' }],
    ['{stream: {account: A, subject: s.a}, allow_trace: true}', { allowTrace: true }],
    ['{service: {account: A, subject: v.a}, share: true}', { kind: 'service', share: true }],
    ['{to: b, service: {account: A, subject: v.a}}', { to: 'b' }],
    ['{service: {account: A, subject: v.*.>}, to: "p.*.>"}', { to: 'p.*.>' }],
    ['{service: {account: A, subject: v.a}, to: "p.*"}', { to: 'p.*' }],
  ])('are read from %s', (text, expected) => {
    const { imports } = accountOf(importing(text), 'B');
    expect(imports).toMatchObject([{ ...expected, at: { file: 'x.conf', line: 2, column: 15 } }]);
  });

  it('name what has no effect', () => {
    const text = importing(
      '{service: {account: A, subject: v.a}, prefix: p}, {stream: {account: A, subject: s.a}, share: true}',
    );
    expect(warningsOf(text)).toEqual([
      '"prefix" has no effect on a service import: "to" names its subject here',
      '"share" has no effect on a stream import',
    ]);
    expect(accountOf(text, 'B').imports.map((each) => [each.prefix, each.share])).toEqual([
      [undefined, false],
      [undefined, false],
    ]);
  });

  const stream = (subject: string, more = '') => `{stream: {account: A, subject: "${subject}"}${more}}`;
  const service = (subject: string, more = '') => `{service: {account: A, subject: "${subject}"}${more}}`;

  it.each([
    ['5 ', '15: Import Items should be a map with type entry, got int64'],
    ['{}', '15: an import needs a "stream" or a "service"'],
    ['{stream: x}', '16: Stream entry should be an account map, got string'],
    ['{service: x}', '16: Service entry should be an account map, got string'],
    ['{stream: {account: A}}', '16: Expect an account name and a subject'],
    ['{service: {subject: x}}', '16: Expect an account name and a subject'],
    ['{stream: {account: A, subject: s.a, foo: 1}}', '51: unknown field "foo"'],
    [stream('s.a', ', service: {account: A, subject: v.a}'), '54: Detected service but already saw a stream'],
    [service('v.a', ', foo: 1'), '55: unknown field "foo"'],
    [service('v.a', ', allow_trace: true'), '55: Detected allow_trace directive on a non-stream'],
    [stream('s.a', ', to: p, prefix: q'), "54: Stream import can not have a 'prefix' and a 'to' property"],
    [
      '{service: {account: ZZ, subject: x}}',
      '15: "ZZ" account not defined for service import (of "x" into account "B")',
    ],
    [
      '{stream: {account: "$SYS", subject: x}}',
      '15: "$SYS" account not defined for stream import (of "x" into account "B")',
    ],
    [
      service('x'),
      '15: Error adding service import "x": service import not authorized (account "A" exports no service that covers it; 1 service export of other subjects)',
    ],
    [
      stream('>'),
      '15: Error adding stream import ">": stream import not authorized (account "A" exports no stream that covers it; 1 stream export of other subjects)',
    ],
    [
      stream('s.a', ', prefix: "p.*"'),
      '15: Error adding stream import "s.a": stream import prefix can not contain wildcard tokens',
    ],
    [
      stream('s.a', ', prefix: "p..q"'),
      '15: Error adding stream import "s.a": sublist: invalid subject ("p..q.s.a")',
    ],
    [
      service('v.a', ', to: "p..q"'),
      '15: Error adding service import "v.a": sublist: invalid subject ("p..q")',
    ],
    [
      stream('s.*', ', to: p'),
      '15: Error adding stream import "s.*": failed to create mapping transform for stream import subject from "s.*" to "p": invalid mapping destination: not using all of the token wildcard(s) in p',
    ],
    [
      service('v.*', ', to: p'),
      '15: Error adding service import "v.*": failed to create mapping transform for service import subject from "p" to "v.*": invalid mapping destination: not using all of the token wildcard(s) in p',
    ],
    [
      stream('s.>', ', to: "p.*"'),
      '15: Error adding stream import "s.>": failed to create mapping transform for stream import subject from "s.>" to "p.*": invalid subject',
    ],
    [
      stream('s.*.*', ', to: "p.$3.$1"'),
      '15: Error adding stream import "s.*.*": failed to create mapping transform for stream import subject from "s.*.*" to "p.$3.$1": invalid mapping destination: wildcard index out of range in $3: [3]',
    ],
    [
      service('v.*.*', ', to: "p.{{partition(3,1)}}.$1.$2"'),
      '15: Error adding service import "v.*.*": failed to create mapping transform for service import subject from "p.{{partition(3,1)}}.$1.$2" to "v.*.*": invalid mapping destination: the only mapping function allowed for import transforms is {{Wildcard()}} in {{partition(3,1)}}',
    ],
    [
      `${service('v.a')}, ${service('v.a')}`,
      '56: Duplicate service import subject "v.a", previously used in import for account "A", subject "v.a" (first at x.conf:2:15)',
    ],
    [
      `${service('v.a', ', to: b')}, ${service('v.b', ', to: b')}`,
      '63: Duplicate service import subject "b", previously used in import for account "A", subject "v.a" (first at x.conf:2:15)',
    ],
    [
      `${stream('s.a', ', prefix: b')}, ${stream('s.a', ', prefix: c')}`,
      '66: Error adding stream import "s.a": stream import already exists (first at x.conf:2:15)',
    ],
  ])('refuse %s', (text, message) => {
    expect(refusalOf(importing(text))).toBe(`x.conf:2:${message}`);
  });

  it.each([
    `${service('v.a')}, ${service('v.a', ', to: b')}`,
    `${service('v.a')}, ${service('v.*')}`,
    `${stream('s.a', ', to: b')}, ${stream('s.b', ', to: b')}`,
    `${stream('s.a')}, ${stream('s.*')}`,
  ])('may overlap: %s', (text) => {
    expect(accountOf(importing(text), 'B').imports).toHaveLength(2);
  });

  it('of one subject may come from two accounts', () => {
    const text = `accounts { A { exports: [{service: v}] }, C { exports: [{service: v}] }
      B { imports: [{service: {account: A, subject: v}}, {service: {account: C, subject: v}}] } }`;
    expect(accountOf(text, 'B').imports).toHaveLength(2);
  });

  describe('are held against the export', () => {
    const from = (exports: string, subject: string, importer = 'B') =>
      `accounts { A { exports: [${exports}] }\nX {}, Y {}, ${importer} { imports: [{service: {account: A, subject: "${subject}"}}] } }`;
    const refused = (exports: string, subject: string) =>
      refusalOf(from(exports, subject)).replace(/^x.conf:2:\d+: Error adding service import "[^"]*": /, '');

    it.each([
      ['{service: x}', 'x'],
      ['{service: x.>}', 'x.*'],
      ['{service: x, accounts: [X, B]}', 'x'],
      ['{service: x, accounts: [X]}, {service: x, accounts: [B]}', 'x'],
      ['{service: "v.*", account_token_position: 2}', 'v.B'],
      ['{service: "v.*.>", account_token_position: 2}', 'v.B.>'],
      ['{service: "v.*", account_token_position: 2, accounts: [B]}', 'v.B'],
      ['{service: "x.>", accounts: [X]}, {service: "x.*"}', 'x.y'],
    ])('which opens: %s for %s', (exports, subject) => {
      expect(accountOf(from(exports, subject), 'B').imports).toHaveLength(1);
    });

    it.each([
      ['{service: x, accounts: [X]}', 'x', 'exported at x.conf:1:26 for account X'],
      ['{service: x, accounts: [X, Y]}', 'x', 'exported at x.conf:1:26 for accounts X, Y'],
      ['{service: x}, {service: x, accounts: [X]}', 'x', 'exported at x.conf:1:40 for account X'],
      [
        '{service: x.y}',
        'x.*',
        'account "A" exports no service that covers it; 1 service export of other subjects',
      ],
      ['{stream: x}', 'x', 'account "A" exports no service that covers it'],
      ['{service: x.>}, {service: x.y, accounts: [X]}', 'x.y', 'exported at x.conf:1:42 for account X'],
      [
        '{service: "v.*", account_token_position: 2}',
        'v.C',
        "exported at x.conf:1:26 with the importing account's name as token 2",
      ],
      [
        '{service: "v.*", account_token_position: 2}',
        'v.*',
        "exported at x.conf:1:26 with the importing account's name as token 2",
      ],
      [
        '{service: "v.*", account_token_position: 2, accounts: [X]}',
        'v.B',
        'exported at x.conf:1:26 for account X',
      ],
    ])('which stays shut: %s for %s', (exports, subject, other) => {
      expect(refused(exports, subject)).toBe(`service import not authorized (${other})`);
    });
  });
});

describe('limits on doors', () => {
  const limited = (limits: string, doors: string) =>
    `accounts { A { limits { ${limits} }\n${doors} }\nB { exports: [{service: a}, {service: b}] } }`;
  const two = 'imports: [{service: {account: B, subject: a}}, {service: {account: B, subject: b}}]';

  it.each([
    ['max_imports: 2', two],
    ['max_imports: -1', two],
    ['max_exports: 1', 'exports: [{stream: "a.*"}]'],
    ['wildcard_exports: false', 'exports: [{stream: "a"}]'],
  ])('let pass %s', (limits, doors) => {
    expect(optionsOf(limited(limits, doors)).accounts).toHaveLength(2);
  });

  it.each([
    ['max_imports: 1', two, 'x.conf:1:16: account "A" has 2 imports, and max_imports is 1'],
    [
      'max_exports: 0',
      'exports: [{stream: a}]',
      'x.conf:1:16: account "A" has 1 exports, and max_exports is 0',
    ],
    [
      'wildcard_exports: false',
      'exports: [{stream: "a.*"}]',
      'x.conf:2:11: Error adding stream export "a.*": wildcards are not allowed here (wildcard_exports in the limits at x.conf:1:16)',
    ],
    ['exports: 5', '', 'x.conf:1:25: Unknown field "exports" parsing account limits'],
  ])('refuse %s with %s', (limits, doors, message) => {
    expect(refusalOf(limited(limits, doors))).toBe(message);
  });
});
