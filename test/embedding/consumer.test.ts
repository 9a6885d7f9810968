import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT } from '../built.ts';

/** Long: packing and type checking on a busy machine, ms. */
const TIMEOUT_MS = 120_000;
/** What the package may take on disk, bytes: both bundles, declarations, documents. */
const LARGEST = 2 * 1000 * 1000;

let folder: string;

/** The package as somebody has it who installed the tarball: unpacked, with its dependencies beside it. */
beforeAll(() => {
  ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-consumer-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: ROOT });
  const [tarball = ''] = readdirSync(folder);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && name !== 'nats-bulkhead')
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  execFileSync('tar', ['xf', join(folder, tarball), '-C', folder]);
  execFileSync('mv', [join(folder, 'package'), join(modules, 'nats-bulkhead')]);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(name: string, program: string, ...flags: string[]) {
  writeFileSync(join(folder, name), program);
  return spawnSync(process.execPath, [...flags, join(folder, name)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
  });
}

/** Everything that the door offers, used once, as it is written down in the declarations. */
const CONSUMER = `
import { type BulkheadServer, ConfigError, type MessageEvent, type ServerEvents, startServer } from 'nats-bulkhead';

export async function use(): Promise<void> {
  const server: BulkheadServer = await startServer({ port: null, clock: 'manual' });
  server.reset();
  server.reset({ account: '$G' });
  await server.restart({ keepState: false });
  server.pause();
  server.resume();
  const closed: number = server.disconnect(({ user }) => user === 'a');
  const { connections } = server.monitor<{ connections: readonly { cid: number }[] }>('/connz');
  const cids: number[] = connections.map(({ cid }) => cid);
  const tell = ({ direction, payload }: MessageEvent): void => console.log(direction, payload.length);
  server.on('message', tell).off('message', tell);
  server.on('disconnect', ({ client, reason }) => console.log(client.id, reason));
  server.on('decision', ({ principal, action, verdict, rule }) => console.log(principal?.user, action, verdict, rule));
  const event: ServerEvents['api'] | undefined = server.auditRecords()[0];
  // @ts-expect-error there is no such event
  server.on('nonsense', () => undefined);
  // @ts-expect-error it is a promise
  const now: number = server.clock.advance('1s');
  await server.lameDuck({ grace: 1, duration: '2ms' });
  console.log(closed, cids, event, now, ConfigError.name);
}
`;

describe('the package, installed elsewhere', () => {
  it('is small, has no install script, and has what is needed', () => {
    const installed = join(folder, 'node_modules/nats-bulkhead');
    const files = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const size = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(size).toBeLessThan(LARGEST);
    const { status, stdout } = spawnSync(process.execPath, [join(installed, 'bin/bulkhead'), '-v'], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('bulkhead: v')]);
  });

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ])(
    'has types that a strict program of its user agrees with (%s, %s)',
    (module, resolution) => {
      writeFileSync(join(folder, 'use.ts'), CONSUMER);
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit'];
      const more = ['--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'];
      const { status, stdout } = spawnSync(
        process.execPath,
        [tsc, ...flags, ...more, '--module', module, '--moduleResolution', resolution, 'use.ts'],
        { cwd: folder, encoding: 'utf8' },
      );
      expect([status, stdout]).toEqual([0, '']);
    },
    TIMEOUT_MS,
  );
});

/** A life of a server: a client in flight, JetStream, an hour of the service clock, a gentle end. */
const LIFE = `
  const server = await startServer({ clock: 'manual' });
  const socket = require('node:net').connect(server.port, '127.0.0.1');
  let seen = '';
  const until = (text) => new Promise((resolve) => {
    const look = () => seen.includes(text) && resolve();
    socket.on('data', (chunk) => { seen += chunk; look(); });
    look();
  });
  const body = '{"name":"S","subjects":["s"],"max_age":60000000000}';
  socket.write('CONNECT {"verbose":false}\\\\r\\\\nSUB r 1\\\\r\\\\nPUB $JS.API.STREAM.CREATE.S r ' + body.length + '\\\\r\\\\n' + body + '\\\\r\\\\nPUB s r 1\\\\r\\\\nx\\\\r\\\\n');
  await until('"seq":1');
  await server.clock.advance('1h');
  socket.write('PUB $JS.API.STREAM.INFO.S r 0\\\\r\\\\n\\\\r\\\\n');
  await until('"messages":0');
  await server.lameDuck({ grace: 5, duration: 10 });
`.replaceAll('\\\\', '\\');

describe('test runners', () => {
  it.each([
    [
      'CommonJS',
      'life.test.cjs',
      `const { test } = require('node:test'); const { startServer } = require('nats-bulkhead');`,
    ],
    [
      'ES modules',
      'life.test.mjs',
      `import { createRequire } from 'node:module'; import { test } from 'node:test'; import { startServer } from 'nats-bulkhead'; const require = createRequire(import.meta.url);`,
    ],
  ])('node:test, %s, with real and with fake timers', (_how, name, imports) => {
    const program = `${imports}
      test('real', async () => {${LIFE}});
      test('fake', async (t) => { t.mock.timers.enable(); ${LIFE} });`;
    const { status, stdout } = run(name, program, '--test');
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/pass 2\b|pass 1\b/);
  });

  /**
   * Jest itself is not installed here. What it does that others do not: modules run in a context of their own, with its
   * own Object, Array and Error, with globals that are copied in, and fake timers on the globals of that context.
   */
  it.each([false, true])('a context of its own, as Jest has one (fake timers: %s)', (fake) => {
    const program = `
      const vm = require('node:vm'); const fs = require('node:fs'); const Module = require('node:module');
      const path = require.resolve('nats-bulkhead');
      const outer = Module.createRequire(path);
      const copied = { process, Buffer, URL, TextEncoder, TextDecoder, queueMicrotask, setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, structuredClone, performance, AbortController, Event, EventTarget, console };
      const context = vm.createContext(copied);
      if (${fake}) vm.runInContext('globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = () => 0; Date = class extends Date { constructor(...of) { super(...(of.length > 0 ? of : [0])); } static now() { return 0; } };', context);
      const inner = { exports: {} };
      vm.runInContext('(function (exports, require, module, __filename, __dirname) {' + fs.readFileSync(path, 'utf8') + '\\n})', context, { filename: path, importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER })(inner.exports, outer, inner, path, require('node:path').dirname(path));
      const { startServer } = inner.exports;
      (async () => { ${LIFE} console.log('lived'); })();`;
    const { status, stdout, stderr } = run(`jest-like-${fake}.cjs`, program);
    expect([status, stdout, stderr]).toEqual([0, 'lived\n', '']);
  });
});
