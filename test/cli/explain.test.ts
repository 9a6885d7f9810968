import { readFileSync } from 'node:fs';
import * as Value from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/cli/explain.ts';
import { OutputSchema } from '../../src/explain/index.ts';
import { ensureBuilt } from '../built.ts';
import { bulkhead, fileWith, Program } from './program.ts';

beforeAll(ensureBuilt, 120_000);

/** The command in this process: a process for each question would take seconds. */
async function command(...words: string[]) {
  let stdout = '';
  let stderr = '';
  const status = await explain(words, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    style: { colour: false, width: 100 },
  });
  return { status, stdout, stderr };
}

const PURGE = ['--pub', '$JS.API.ACCOUNT.PURGE.TEST'] as const;
const CONFIG = `accounts: {
  A: { users: [
    { user: a, password: a, permissions: { publish: { allow: ["orders.>"], deny: ["orders.secret"] } } }
    { user: b, password: b }
    { user: c, password: c, permissions: { publish: "other" } } ] } }`;

describe('bulkhead explain', () => {
  it('without -c takes the configuration of npm start', () => {
    const { status, stdout, stderr } = bulkhead('explain', '--user', 'a', ...PURGE);
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout).toMatch(/^DENIED {3}user "a" publishes to "\$JS\.API\.ACCOUNT\.PURGE\.TEST"/);
    expect(stdout).toContain('refused by scope-system-only');
    expect(stdout).toContain('Use the system account: ask as "sys"');
    expect(stdout).not.toContain('\u001b');
  });

  it.each<[string[], number]>([
    [['--user', 'sys', ...PURGE], 0],
    [['--as-account', 'TEST', '--sub', 'x', '--queue', 'q'], 0],
    [['--user', 'a', '--request', 'x'], 0],
    [['--user', 'a', '--jetstream', 'STREAM.CREATE'], 0],
    [['--user', 'a', '--jetstream', 'ACCOUNT.PURGE'], 3],
    [['--user', 'a', '--connect'], 0],
    [['--connect'], 3],
    [['--who', ...PURGE], 0],
    [['--who', '--pub', '$SYS.REQ.>', '--user', 'a'], 0],
    [['--user', 'nobody', '--pub', 'x'], 2],
    [['--as-account', 'NONE', '--pub', 'x'], 2],
    [['--pub', 'x'], 2],
    [['--user', 'a'], 2],
    [['--user', 'a', '--pub', 'x', '--sub', 'x'], 2],
    [['--user', 'a', '--pub', 'a..b'], 2],
    [['--nonsense'], 2],
    [['-c', '/no/such.conf', '--user', 'a', '--pub', 'x'], 2],
    [['-h'], 0],
  ])('%j ends with %i', async (words, code) => {
    const { status, stdout, stderr } = await command(...words);
    expect([status, stderr === '', stdout === '']).toEqual([code, code !== 2, code === 2]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('--json is what the schema says, in both directions', async () => {
    const questions = [
      ['--user', 'a', ...PURGE],
      ['--user', 'a', '--connect'],
      ['--user', 'a', '--request', '$JS.API.INFO'],
      ['--who', '--pub', 'orders.>'],
    ];
    for (const words of questions) {
      const output: unknown = JSON.parse((await command('--json', ...words)).stdout);
      expect(Value.Check(OutputSchema, output)).toBe(true);
      expect(output).toMatchObject({ version: 1 });
    }
    const published: unknown = JSON.parse(
      readFileSync(new URL('../../docs/schemas/explain.schema.json', import.meta.url), 'utf8'),
    );
    expect(published).toMatchObject(JSON.parse(JSON.stringify(OutputSchema)) as object);
  });

  it('shows the control characters of a hostile subject, and sends none to the terminal', async () => {
    const { stdout } = await command('--user', 'a', '--pub', 'x\u001b[31m\u0007');
    expect(stdout).toContain('x\\x1b[31m\\x07');
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
  });

  it('--who sorts users by how much they may: everything, partly, nothing', async () => {
    const file = fileWith(CONFIG);
    const { status, stdout } = await command('-c', file, '--who', '--pub', 'orders.>', '--json');
    const { who } = JSON.parse(stdout) as { who: { user: string; extent: string; rule: string }[] };
    expect(status).toBe(0);
    expect(who.map(({ user, extent, rule }) => [user, extent, rule])).toEqual([
      ['b', 'everything', 'publish-unrestricted'],
      ['a', 'partly', 'publish-denied'],
      ['c', 'nothing', 'publish-not-allowed'],
    ]);
  });

  it('--server asks a running server as system user, and nobody else is answered', async () => {
    const program = await Program.serving('-c', 'examples/start.conf', '-p', '-1');
    const url = (login: string) => `nats://${login}127.0.0.1:${program.port}`;
    const asSystem = await command('--server', url('sys:sys@'), '--user', 'a', ...PURGE);
    expect([asSystem.status, asSystem.stderr]).toEqual([3, '']);
    expect(asSystem.stdout).toContain('scope-system-only');
    const login = await command('--server', url(''), '--login', 'sys:sys', '--who', ...PURGE);
    expect(login.status).toBe(0);
    const bad = await command('--server', url('sys:sys@'), '--user', 'zz', ...PURGE);
    expect([bad.status, bad.stderr]).toEqual([2, expect.stringContaining('known are sys, a, b')]);
    const tenant = await command('--server', url('a:a@'), '--user', 'a', ...PURGE);
    expect([tenant.status, tenant.stdout]).toEqual([2, '']);
    const stranger = await command('--server', url('a:wrong@'), '--user', 'a', ...PURGE);
    expect([stranger.status, stranger.stderr]).toEqual([
      2,
      expect.stringContaining('Authorization Violation'),
    ]);
  });
});
