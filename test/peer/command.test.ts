import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../built.ts';
import { realBinary } from './targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-command-'));
const file = join(folder, 'file');
let taken: Server;
let port = 0;

beforeAll(async () => {
  ensureBuilt();
  writeFileSync(file, 'nothing');
  taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  port = (taken.address() as AddressInfo).port;
}, 120_000);

afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The exit code and the last line of a start that fails, without process id, time and name of the program. */
function ending(command: string, words: readonly string[]) {
  const { status, stderr } = spawnSync(command, words, { cwd: ROOT, encoding: 'utf8', timeout: 10_000 });
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return {
    status,
    last: last
      .replace(/^\[\d+\] /, '')
      .replace(/\d{4}\/\d\d\/\d\d [\d:.]+ /, '')
      .replace(/^nats-server: /, ''),
  };
}

describe('a start that cannot be ends like that of nats-server', () => {
  it.each<[string, () => string[]]>([
    ['a port that is taken', () => ['-a', '127.0.0.1', '-p', String(port)]],
    ['an address of another host', () => ['-a', '192.0.2.1', '-p', '14996']],
    ['no such configuration', () => ['-c', '/no/such/file']],
    ['a configuration that is a folder', () => ['-c', folder]],
    ['a pid file that cannot be written', () => ['-p', '-1', '-P', '/no/such/pid']],
    ['a log file that cannot be opened', () => ['-p', '-1', '-l', '/no/such/log']],
    ['a log file that is a folder', () => ['-p', '-1', '-l', folder]],
    ['a store folder that is a file', () => ['-p', '-1', '-js', '-sd', file]],
    ['TLS without certificate', () => ['-p', '-1', '--tls']],
    ['TLS without key', () => ['-p', '-1', '--tlscert', file]],
    ['a certificate that is not there', () => ['-p', '-1', '--tlscert', '/no/such', '--tlskey', file]],
    ['a certificate that is none', () => ['-p', '-1', '--tls', '--tlscert', file, '--tlskey', file]],
    ['two kinds of monitoring', () => ['-p', '-1', '-m', '14994', '-ms', '14995']],
    ['a signal to nobody', () => ['-sl', 'reload=999999999']],
    ['a signal to nonsense', () => ['-sl', 'reload=abc']],
  ])('%s', (_what, words) => {
    const dropIn = join(ROOT, 'bin', 'drop-in', 'nats-server');
    expect(ending(process.execPath, [dropIn, ...words()])).toEqual(ending(realBinary(), words()));
  });
});
