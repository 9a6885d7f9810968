import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../built.ts';

/** What a process does that embeds the server: a client in flight, a stream, timers; then it stops and says nothing more. */
const EMBEDDER = `
async function embed({ startServer }) {
  const { createConnection } = require('node:net');
  const listeners = () => JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
  const before = listeners();
  const server = await startServer({ users: [{ user: 'u', password: 'p' }] });
  const during = listeners();
  const stranger = createConnection(server.port, '127.0.0.1');
  stranger.write('CONNECT {"user":"u","pass":"wrong"}\\r\\n');
  await new Promise((resolve) => stranger.on('data', () => undefined).once('close', resolve));
  const socket = createConnection(server.port, '127.0.0.1');
  const body = '{"name":"S","subjects":["s"],"max_age":60000000000,"storage":"file"}';
  socket.write('CONNECT {"user":"u","pass":"p"}\\r\\nSUB r 1\\r\\nPUB $JS.API.STREAM.CREATE.S r ' + body.length + '\\r\\n' + body + '\\r\\nPUB s r 1\\r\\nx\\r\\n');
  let seen = '';
  await new Promise((resolve) => socket.on('data', (chunk) => (seen += chunk).includes('"seq":1') && resolve()));
  await server.stop();
  const after = listeners();
  require('node:fs').writeFileSync(process.argv[2], JSON.stringify({ before, during, after }));
}
`;

let folder: string;

beforeAll(ensureBuilt, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-embed-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program in an empty folder, which is also its home and its temporary folder. */
function run(name: string, program: string) {
  const empty = mkdtempSync(join(folder, 'empty-'));
  const [script, result] = [join(folder, name), join(folder, 'result.json')];
  writeFileSync(script, program);
  const ended = spawnSync(process.execPath, [script, result], {
    cwd: empty,
    env: { PATH: process.env['PATH'], HOME: empty, TMPDIR: empty },
    encoding: 'utf8',
    timeout: 10_000,
  });
  const listeners = createRequire(import.meta.url)(result) as Record<'before' | 'during' | 'after', string>;
  return { ended, listeners, left: readdirSync(empty) };
}

describe('the package', () => {
  const file = (name: string) => JSON.stringify(join(ROOT, 'dist', name));
  it.each([
    ['require', 'main.cjs', `${EMBEDDER} embed(require(${file('index.cjs')}));`],
    [
      'import',
      'main.mjs',
      `import { createRequire } from 'node:module'; import * as bulkhead from ${JSON.stringify(pathToFileURL(join(ROOT, 'dist/index.js')).href)};
       const require = createRequire(import.meta.url); ${EMBEDDER} setImmediate(embed, bulkhead);`,
    ],
  ])(
    '%s: is silent, writes nothing, listens to nothing of the process, and lets it end',
    (_how, name, program) => {
      const { ended, listeners, left } = run(name, program);
      expect(ended).toMatchObject({ status: 0, signal: null, stdout: '', stderr: '' });
      expect(listeners.during).toBe(listeners.before);
      expect(listeners.after).toBe(listeners.before);
      expect(left).toEqual([]);
    },
  );

  it('is found by its name, both ways, with the same door', () => {
    const names = "Object.keys(bulkhead).filter((name) => name !== 'default').sort().join()";
    const print = (program: string, ...flags: string[]) =>
      spawnSync(process.execPath, [...flags, '-e', program], { cwd: ROOT, encoding: 'utf8' }).stdout.trim();
    const required = print(`const bulkhead = require('nats-bulkhead'); console.log(${names})`);
    const imported = print(
      `import * as bulkhead from 'nats-bulkhead'; console.log(${names})`,
      '--input-type=module',
    );
    expect(required).toBe('CONTROLS,ConfigError,RULES,StateError,audit,explain,startServer');
    expect(imported).toBe(required);
  });
});
