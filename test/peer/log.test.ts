import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../built.ts';
import { freePort, realBinary } from './targets.ts';

beforeAll(ensureBuilt, 120_000);

const CONFIG = `authorization { users: [{ user: a, password: secret, permissions: { publish: { deny: "no" } } }] }
max_payload: 1000
max_control_line: 512
`;
const LOGIN = '"verbose":false,"user":"a","pass":"secret"';

/** What one client after the other sends. */
const SCRIPTS = [
  `CONNECT {${LOGIN},"name":"my app","lang":"go","version":"1.0"}\r\nPING\r\nSUB foo 1\r\nSUB foo q 2\r\nPUB foo 2\r\nhi\r\n`,
  `CONNECT {${LOGIN},"lang":"go"}\r\nSUB foo 1\r\nUNSUB 1\r\nUNSUB 99\r\nSUB bar 3\r\nUNSUB 3 2\r\nPUB bar 1\r\na\r\nPUB bar r 1\r\nb\r\n`,
  `CONNECT {${LOGIN},"headers":true}\r\nSUB x 1\r\nHPUB x 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPUB no 0\r\n\r\nPING\r\n`,
  `CONNECT {${LOGIN},"name":"n\\"x\\n"}\r\nPING\r\nPONG\r\n`,
  'CONNECT {"user":"zz","pass":"bad"}\r\n',
  'CONNECT {"auth_token":"bad"}\r\n',
];

/** Runs a server with everything logged, lets the clients in one by one, and gives the lines about them. */
async function linesOf(command: string, words: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-log-'));
  const file = join(folder, 'server.conf');
  writeFileSync(file, CONFIG);
  const port = await freePort();
  const child: ChildProcess = spawn(
    command,
    [...words, '-a', '127.0.0.1', '-p', String(port), '-c', file, '-DV'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    log += bytes.toString();
  });
  while (!log.includes('Server is ready')) await sleep(10);
  for (const script of SCRIPTS) {
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write(script);
    await sleep(150);
    client.destroy();
    await sleep(80);
  }
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  rmSync(folder, { recursive: true, force: true });
  return log.split('\n').flatMap(normalised);
}

const LINE = /^\[\d+\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[(TRC|DBG)\] (127\.0\.0\.1:\d+ - cid:.*)$/;

/** A line about a client, numbers left out; what is worded otherwise here on purpose is no part of it. */
function normalised(line: string): string[] {
  const [, level, text] = LINE.exec(line) ?? [];
  if (text === undefined || text.includes('Auto-unsubscribe limit')) return [];
  return [`${level} ${text.replace(/^\S+ - cid:\d+/, 'CLIENT')}`];
}

describe('the log of what clients do', () => {
  it('has the lines of nats-server', async () => {
    const dropIn = join(ROOT, 'bin', 'drop-in', 'nats-server');
    const [ours, real] = await Promise.all([linesOf(process.execPath, [dropIn]), linesOf(realBinary(), [])]);
    expect(real.length).toBeGreaterThan(40);
    expect(ours).toEqual(real);
  });
});
