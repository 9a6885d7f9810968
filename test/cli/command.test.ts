import { type AddressInfo, createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../built.ts';
import { bulkhead, fileWith } from './program.ts';

beforeAll(ensureBuilt, 120_000);

describe('bulkhead', () => {
  it('-v says which server it speaks like, and its own version', () => {
    const { status, stdout, stderr } = bulkhead('-v');
    expect(stdout).toMatch(/^nats-server: v2\.\d+\.\d+\nbulkhead: v\d+\.\d+\.\d+\n$/);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('-h explains its flags', () => {
    const { status, stdout } = bulkhead('-h');
    expect(status).toBe(0);
    for (const text of ['-p, --port', '-c, --config', '-js, --jetstream', '-DV'])
      expect(stdout).toContain(text);
  });

  it('-t says whether a configuration is valid', () => {
    const good = fileWith('port: 4222\njetstream: enabled\n');
    expect(bulkhead('-t', '-c', good)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`${good} is valid`),
    });
    const bad = fileWith('port: 4222\n  max_payload: much\n');
    const { status, stderr } = bulkhead('-t', '-c', bad);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${bad}:2:3: `)]);
  });

  it.each([
    ['port: 4222\n  max_payload: much\n', '2:3'],
    ['accounts {\n  A { users: [ { user: a, password: a } ]\n', '3:1'],
    ['jetstream: enabled\naccounts { A: { jetstream: 7 } }', '2:'],
    ['\n\nno_such_key: 1', '3:1'],
  ])('does not start with a bad configuration, and says where it is bad: %j', (text, position) => {
    const path = fileWith(text);
    const { status, stdout, stderr } = bulkhead('-c', path, '-p', '-1');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^nats-server: /);
    expect(stderr).toContain(`${path}:${position}`);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('does not start without its configuration', () => {
    const { status, stderr } = bulkhead('-c', '/no/such/file.conf');
    expect(status).toBe(1);
    expect(stderr).toMatch(/\/no\/such\/file\.conf: no such file or directory\n$/);
  });

  it('says in one line that the port is taken, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    // The same process cannot hold the port and wait for a child at once, but the kernel holds it.
    const { status, stderr } = bulkhead('-a', '127.0.0.1', '-p', String(port));
    taken.close();
    expect(status).toBe(1);
    const errors = stderr.split('\n').filter((line) => /\[(ERR|FTL)\]/.test(line));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(`127.0.0.1:${port}`);
    expect(errors[0]).toContain('npm start -- -p 4333');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('demo seed shows the hole and the bulkhead', () => {
    const { status, stdout } = bulkhead('demo', 'seed');
    expect(status).toBe(0);
    expect(stdout).toContain('CVE-2025-30215');
    expect(stdout).toMatch(/With the control off: stream1 is gone/);
    expect(stdout).toMatch(/With the control on: +stream1 holds 3 messages/);
    expect(stdout).toContain('scope-system-only');
    expect(bulkhead('demo')).toMatchObject({ status: 2, stderr: expect.stringContaining('seed') });
    expect(bulkhead('demo', 'nothing')).toMatchObject({ status: 2 });
  });

  it('refuses what it does not know', () => {
    expect(bulkhead('--no-such-flag')).toMatchObject({ status: 1, stdout: '' });
    expect(bulkhead('nonsense').stderr).toContain('unrecognized command: "nonsense"');
  });
});
