import { beforeAll, describe, expect, it } from 'vitest';
import { BULKHEAD, ensureBuilt } from '../built.ts';
import { RawClient } from '../embedding/raw-client.ts';
import { bulkhead, fileWith, Program } from './program.ts';

beforeAll(ensureBuilt, 120_000);

const node = (program: string): string[] => ['--', process.execPath, '-e', program];
/** Says where the server is, on stderr, and does not end by itself. */
const SAY = `process.stderr.write(process.env.NATS_URL + ' ready\\n'); setInterval(() => 0, 1000);`;

async function saying(program: string): Promise<{ command: Program; port: number }> {
  const command = Program.start(process.execPath, [BULKHEAD, 'run', ...node(program)]);
  const [, port] = await command.logged(/nats:\/\/127\.0\.0\.1:(\d+) ready/);
  return { command, port: Number(port) };
}

const isGone = async (port: number): Promise<void> => {
  await expect(RawClient.to(port).until(/INFO/)).rejects.toThrow(/ended/);
};

describe('run', () => {
  it('runs a command beside a server, and ends as it does', () => {
    const program = `
      const { hostname, port } = new URL(process.env.NATS_URL);
      const socket = require('node:net').connect(port, hostname);
      socket.once('data', (info) => { console.log(String(info).slice(0, 5), process.argv[1]); process.exit(7); });`;
    expect(bulkhead('run', ...node(program), 'word')).toEqual({
      status: 7,
      stdout: 'INFO  word\n',
      stderr: '',
    });
  });

  it('takes a configuration, whatever port it has', () => {
    const config = fileWith('listen: "0.0.0.0:4222"\nauthorization { user: u, password: p }');
    const program = `
      const { hostname, port } = new URL(process.env.NATS_URL);
      require('node:net').connect(port, hostname).once('data', (info) => {
        const { auth_required, host } = JSON.parse(String(info).slice(5));
        console.log(auth_required, host); process.exit(0); });`;
    expect(bulkhead('run', '-c', config, ...node(program))).toMatchObject({
      status: 0,
      stdout: 'true 127.0.0.1\n',
    });
  });

  it.each([
    ['a signal ends it', node(`process.kill(process.pid, 'SIGKILL')`), 137],
    ['it is not there', ['--', 'no-such-command-anywhere'], 127],
    ['it cannot be run', ['--', '/tmp'], 126],
  ])('ends as a shell would when %s', (_what, words, status) => {
    expect(bulkhead('run', ...words).status).toBe(status);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'passes %s on, waits for the command, and stops the server',
    async (signal) => {
      const { command, port } = await saying(
        `process.on('${signal}', () => setTimeout(() => process.exit(5), 50)); ${SAY}`,
      );
      await RawClient.to(port).until(/INFO/);
      expect(await command.end(signal)).toBe(5);
      await isGone(port);
    },
  );

  it('leaves no server behind when the command dies, or itself', async () => {
    const first = await saying(`setTimeout(() => process.abort(), 50); ${SAY}`);
    await expect.poll(() => first.command.process.exitCode, { timeout: 10_000 }).toBe(134);
    await isGone(first.port);
    const second = await saying(
      SAY.replace('setInterval', 'setTimeout(() => process.exit(), 3000); setInterval'),
    );
    await second.command.end('SIGKILL');
    await isGone(second.port);
  });

  it.each([[[]], [['--']], [['-x', '--', 'true']], [['-c']], [['-c', '/no/such/file', '--', 'true']]])(
    'refuses %j',
    (words) => {
      const { status, stderr, stdout } = bulkhead('run', ...words);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).not.toMatch(/\n\s+at /);
    },
  );

  it('says how', () => {
    expect(bulkhead('run', '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('NATS_URL'),
    });
  });
});
