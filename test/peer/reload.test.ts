import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../built.ts';
import { connectAs, dial, type Ear } from '../server/tls-world.ts';
import { freePort, realBinary } from './targets.ts';

beforeAll(ensureBuilt, 120_000);

const AWAITED_MS = 250;

/** Configurations one after the other, and what the first of two clients says behind each. */
const STEPS: readonly (readonly [config: string, says: string])[] = [
  [
    'authorization { users: [{ user: a, password: a }, { user: b, password: b }] }',
    'SUB foo.x 1\r\nSUB bar 2\r\n',
  ],
  [
    'authorization { users: [{ user: a, password: a, permissions: { publish: { deny: "no" } } }, { user: b, password: b }] }',
    'PUB no 0\r\n\r\nPUB bar 2\r\nhi\r\n',
  ],
  [
    'authorization { users: [{ user: a, password: a, permissions: { subscribe: { deny: "foo.>" } } }, { user: b, password: b }] }',
    'PUB foo.x 2\r\nhi\r\nSUB foo.y 3\r\n',
  ],
  ['server_name: another\nauthorization { users: [{ user: a, password: a }] }', 'PING\r\n'],
  ['no_such_key: 1', 'PING\r\n'],
  ['authorization { users: [{ user: a, password: changed', 'PING\r\n'],
  ['authorization { users: [{ user: a, password: a }] }', 'PUB no 0\r\n\r\nPING\r\n'],
  ['authorization { users: [{ user: a, password: other }] }', 'PING\r\n'],
];

/** What both clients heard behind each change, and whether the change was refused. */
async function story(command: string, words: readonly string[]): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-reload-'));
  const file = join(folder, 'server.conf');
  writeFileSync(file, STEPS[0]?.[0] ?? '');
  const port = await freePort();
  const args = [...words, '-a', '127.0.0.1', '-p', String(port), '-c', file];
  const child: ChildProcess = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    log += bytes.toString();
  });
  const logged = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(log)) await sleep(10);
    return pattern.exec(log)?.[1] ?? '';
  };
  await logged(/Server is ready/);
  const clients = ['a', 'b'].map((user) => dial(port).send(connectAs({ user, pass: user })));
  for (const client of clients) await client.hears('PONG');
  const told: unknown[] = [];
  for (const [at, [config, says]] of STEPS.entries()) {
    if (at > 0) {
      log = '';
      writeFileSync(file, config);
      child.kill('SIGHUP');
      const outcome = await logged(/\[(?:INF|ERR)\] (Reloaded|Failed to reload) server configuration/);
      told.push(outcome);
    }
    told.push(await Promise.all(clients.map((client, n) => answers(client, n === 0 ? says : ''))));
  }
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  rmSync(folder, { recursive: true, force: true });
  return told;
}

async function answers(client: Ear, says: string): Promise<string> {
  if (client.isClosed) return '';
  client.text = client.text.replace(/^[\s\S]*PONG\r\n/, '');
  client.send(says);
  await sleep(AWAITED_MS);
  // When the server PINGs is a matter of time.
  const text = client.text.replace(/INFO \{.*\} ?\r\n/g, 'INFO\n').replace(/^PING\r\n/gm, '');
  client.text = '';
  return `${text}${client.isClosed ? '(closed)' : ''}`;
}

it('a reload is seen by clients as on the real server', async () => {
  const dropIn = join(ROOT, 'bin', 'drop-in', 'nats-server');
  const [ours, real] = await Promise.all([story(process.execPath, [dropIn]), story(realBinary(), [])]);
  expect(JSON.stringify(real)).toContain('Permissions Violation');
  expect(real.filter((each) => each === 'Failed to reload')).toHaveLength(3);
  expect(ours).toEqual(real);
});
