import { describe, expect, it } from 'vitest';
import { fromTree, parseConfig, sameOptions, unreloadable } from '../../src/config/index.ts';

const between = (before: object, after: object) =>
  unreloadable(fromTree(before).options, fromTree(after).options);

describe('unreloadable', () => {
  // Measured on 2.14.5, with SIGHUP.
  it.each<[object, object, string[]]>([
    [{ port: 1 }, { port: 2 }, ['Port: old=1, new=2']],
    [{ host: '127.0.0.1' }, { host: 'localhost' }, ['Host: old=127.0.0.1, new=localhost']],
    [{ server_name: 'a' }, { server_name: 'b' }, ['ServerName: old=a, new=b']],
    [{}, { server_name: 'b' }, ['ServerName: old=, new=b']],
    [
      { accounts: { S: {}, T: {} }, system_account: 'S' },
      { accounts: { S: {}, T: {} }, system_account: 'T' },
      ['SystemAccount: old=S, new=T'],
    ],
    [
      {},
      { no_system_account: true },
      ['SystemAccount: old=$SYS, new=', 'NoSystemAccount: old=false, new=true'],
    ],
    [
      { authorization: { users: [{ user: 'a' }] } },
      { authorization: { users: [{ user: 'a' }] }, no_auth_user: 'a' },
      ['NoAuthUser: old=, new=a'],
    ],
    [{}, { no_header_support: true }, ['NoHeaderSupport: old=false, new=true']],
    [{}, { max_pending: 2_097_152 }, ['MaxPending: old=67108864, new=2097152']],
    [{}, { max_subscriptions: 5 }, ['MaxSubs: old=0, new=5']],
    [{}, { max_subscription_tokens: 5 }, ['MaxSubTokens: old=0, new=5']],
    [{}, { lame_duck_duration: '40s' }, ['LameDuckDuration: old=2m0s, new=40s']],
    [{ jetstream: { store_dir: '/a' } }, { jetstream: { store_dir: '/b' } }, ['jetstream storage directory']],
    [{ jetstream: true }, { jetstream: { domain: 'hub' } }, ['JetStreamDomain: old=, new=hub']],
    [{ jetstream: true }, { jetstream: { strict: false } }, ['NoJetStreamStrict: old=false, new=true']],
    [{ jetstream: true }, { jetstream: { max_mem: 10 } }, ['jetstream dynamic max memory and store']],
    [
      { jetstream: { max_mem: 20 } },
      { jetstream: { max_mem: 10 } },
      ['decreasing jetstream max memory and store'],
    ],
    [{ port: 1, server_name: 'a' }, { port: 2 }, ['Port: old=1, new=2', 'ServerName: old=a, new=']],
  ])('from %j to %j: %j', (before, after, expected) => {
    expect(between(before, after)).toEqual(expected);
  });

  it.each<[object, object]>([
    [{}, { client_advertise: 'x:1' }],
    [{}, { jetstream: true }],
    [{ jetstream: true }, {}],
    [{ jetstream: { max_file: 10 } }, { jetstream: { max_file: 20 } }],
    [{}, { max_payload: 5, max_control_line: 500, max_connections: 5 }],
    [{}, { ping_interval: '5s', ping_max: 3, write_deadline: '3s', no_fast_producer_stall: true }],
    [{}, { debug: true, logtime: false, server_tags: ['a'], server_metadata: { a: 'b' } }],
    [{}, { authorization: { user: 'a', pass: 'b', timeout: 5 }, mappings: { a: 'b' } }],
    [{ accounts: { A: { exports: [{ service: 'x' }] } } }, { accounts: { B: { users: [{ user: 'b' }] } } }],
  ])('has nothing against going from %j to %j', (before, after) => {
    expect(between(before, after)).toEqual([]);
  });
});

describe('sameOptions', () => {
  const account =
    'users: [{user: a, permissions {publish: x}}], exports: [{stream: s}], limits {max_payload: 5}';
  const optionsOf = (text: string) => parseConfig(text, { file: 'x.conf' }).options;

  it('does not mind where things stand', () => {
    const one = optionsOf(`accounts { A { ${account} } }\nno_auth_user: a`);
    const other = optionsOf(`\n\nno_auth_user: a\naccounts {\n  A {\n    ${account} } }`);
    expect(one).not.toEqual(other);
    expect(sameOptions(one, other)).toBe(true);
  });

  it.each([
    ['publish: x', 'publish: y'],
    ['publish: x', 'subscribe: x'],
    ['{stream: s}', '{stream: s}, {stream: t}'],
    ['{stream: s}', '{service: s}'],
    ['max_payload: 5', 'max_payload: 6'],
    ['{user: a,', '{user: a, password: p,'],
  ])('minds %s turned into %s', (from, to) => {
    const one = optionsOf(`accounts { A { ${account} } }`);
    const other = optionsOf(`accounts { A { ${account.replace(from, to)} } }`);
    expect(sameOptions(one, other)).toBe(false);
    expect(sameOptions(other, one)).toBe(false);
  });
});
