import { describe, expect, it } from 'vitest';
import { FLAGS, REFUSED_FLAGS } from '../../src/cli/flag-table.ts';
import { applyFlags, type FlagOverrides, helpText, parseFlags } from '../../src/cli/flags.ts';
import { ConfigError, parseConfig } from '../../src/config/index.ts';

const words = (line: string) => line.split(' ').filter((word) => word !== '');

describe('parseFlags', () => {
  it.each<[string, FlagOverrides]>([
    ['', {}],
    ['-p 4223', { port: 4223 }],
    ['--port=4223', { port: 4223 }],
    ['-port -1', { port: -1 }],
    ['-p 1 -p 2', { port: 2 }],
    ['-a 127.0.0.1', { host: '127.0.0.1' }],
    ['--addr=h --net i', { host: 'i' }],
    ['-n x', { serverName: 'x' }],
    ['--server_name x', { serverName: 'x' }],
    ['-js', { jetstream: true }],
    ['--jetstream=false', { jetstream: false }],
    ['-D', { debug: true }],
    ['-V=T', { trace: true }],
    ['-VV', { trace: true, traceVerbose: true }],
    ['-DV', { debug: true, trace: true }],
    ['-DVV', { debug: true, trace: true, traceVerbose: true }],
    ['-D=0', { debug: false }],
    ['-T=false -l /tmp/x.log', { logTime: false, logFile: '/tmp/x.log' }],
    ['--user a --pass b', { user: 'a', password: 'b' }],
    ['--auth t', { token: 't' }],
    ['--client_advertise h:1', { clientAdvertise: 'h:1' }],
  ])('reads %j', (line, overrides) => {
    expect(parseFlags(words(line))).toEqual({ kind: 'serve', overrides, warnings: [] });
  });

  it('reads what is no override', () => {
    expect(parseFlags(['-c', 'x.conf'])).toMatchObject({ kind: 'serve', config: 'x.conf' });
    expect(parseFlags(['--config=x.conf', '-t'])).toEqual({ kind: 'check', config: 'x.conf' });
    for (const line of ['-v', '--version', '-h -v', 'version'])
      expect(parseFlags(words(line)).kind).toBe('version');
    for (const line of ['-h', '-help', '--help', 'help', '-p 1 help'])
      expect(parseFlags(words(line)).kind).toBe('help');
    expect(parseFlags(['-sd', '/x'])).toMatchObject({ kind: 'serve', overrides: { storeDir: '/x' } });
    expect(parseFlags(['-sd', '/x'])).toHaveProperty('warnings.length', 1);
  });

  it.each([
    ['--zzz', 'flag provided but not defined: -zzz', true],
    ['--no_such=1', 'flag provided but not defined: -no_such', true],
    ['--__proto__', 'flag provided but not defined: -__proto__', true],
    ['-p', 'flag needs an argument: -p', true],
    ['-p x', 'invalid value "x" for flag -p: parse error', true],
    ['-p 70000', 'listen tcp: address 70000: invalid port', false],
    ['-js=maybe', 'invalid boolean value "maybe" for -js: parse error', true],
    ['---p 1', 'bad flag syntax: ---p', true],
    ['-=5', 'bad flag syntax: -=5', true],
    ['foo', 'unrecognized command: "foo"', false],
    ['-T false', 'unrecognized command: "false"', false],
    ['-- -p 5', 'unrecognized command: "-p"', false],
    ['-', 'unrecognized command: "-"', false],
    ['-t', 'must specify [-c, --config] option to check configuration file syntax', false],
    ['--user a --pass b --auth c', 'Cannot have a user/pass and token', false],
    [
      '--cluster x',
      'flag -cluster of nats-server means nothing here: this is one server without a cluster',
      false,
    ],
    ['-s', 'flag -s of nats-server means nothing here: the log goes to stderr or a file (-l)', false],
    ['-m 70000', 'listen tcp: address 70000: invalid port', false],
    ['-sl', 'flag needs an argument: -sl', true],
  ])('refuses %j', (line, message, usage) => {
    expect(parseFlags(words(line))).toEqual({ kind: 'error', message, usage });
  });

  it('refuses a server name with spaces', () => {
    expect(parseFlags(['-n', 'a b'])).toMatchObject({ message: 'server name cannot contain spaces' });
  });
});

describe('FLAGS', () => {
  it('has every name once', () => {
    const names = [...FLAGS.flatMap((flag) => flag.names), ...REFUSED_FLAGS.keys()];
    expect(new Set(names).size).toBe(names.length);
  });

  it('is what the help text shows', () => {
    for (const flag of FLAGS)
      for (const name of flag.names) expect(helpText()).toMatch(new RegExp(`--?${name}\\b`));
    for (const line of helpText().split('\n')) expect(line.length).toBeLessThan(110);
  });
});

describe('applyFlags', () => {
  const optionsOf = (text: string) => parseConfig(text).options;

  it('puts flags over the file and leaves the rest', () => {
    const file = optionsOf(
      'port: 1\nhost: h\ndebug: true\njetstream { domain: d }\nauthorization { token: t }',
    );
    const options = applyFlags(file, {
      port: 2,
      debug: false,
      trace: true,
      storeDir: '/x',
      user: 'u',
      password: 'p',
    });
    expect(options).toMatchObject({
      host: 'h',
      port: 2,
      log: { debug: false, trace: true, time: true },
      jetstream: { domain: 'd', storeDir: '/x' },
      users: [{ user: 'u', password: 'p' }],
    });
    expect(options.token).toBeUndefined();
    expect(file).toMatchObject({ port: 1, token: 't' });
  });

  it('switches JetStream on and off', () => {
    expect(applyFlags(optionsOf('port: 1'), { jetstream: true }).jetstream).toEqual({
      domain: '',
      strict: true,
    });
    expect(applyFlags(optionsOf('jetstream { domain: d }'), { jetstream: true }).jetstream).toMatchObject({
      domain: 'd',
    });
    expect(applyFlags(optionsOf('jetstream: true'), { jetstream: false }).jetstream).toBeUndefined();
  });

  it('keeps the name of the one user when only the password is given, and its permissions', () => {
    const file = optionsOf('authorization { user: a, pass: b, permissions { publish: x } }');
    expect(applyFlags(file, { password: 'c' }).users).toMatchObject([
      { user: 'a', password: 'c', permissions: { publish: { allow: [{ subject: 'x' }] } } },
    ]);
  });

  it.each<[string, FlagOverrides, string]>([
    ['accounts { A { users: [{user: a}] } }', { user: 'x' }, 'Can not have a single user/pass and accounts'],
    ['accounts { A { users: [{user: a}] } }', { token: 'x' }, 'Can not have a token and accounts'],
    [
      'authorization { users: [{user: a}, {user: b}] }',
      { token: 'x' },
      'Can not have a token and a users array',
    ],
    ['port: 1', { password: 'x' }, 'authorization has a password but no user'],
    [
      'accounts { "$SYS" { jetstream: true } }',
      { jetstream: true },
      'Not allowed to enable JetStream on the system account',
    ],
  ])('refuses %j with %j', (text, flags, message) => {
    expect(() => applyFlags(optionsOf(text), flags)).toThrow(ConfigError);
    expect(() => applyFlags(optionsOf(text), flags)).toThrow(message);
  });
});
