import type { Figure, Found, Probe, Setting } from './probe.ts';
import { SERVER_CORE, startPinned } from './process.ts';
import { withServer } from './server.ts';

const READY: Figure = { key: 'readyMs', what: 'from the command to INFO', unit: 'ms', better: 'less' };
const RUN_LIMIT_MS = 30_000;

/** Imports the built package and starts a server in process; both times as JSON. */
const IN_PROCESS = `
const before = performance.now();
import('./dist/index.js').then(async ({ startServer }) => {
  const imported = performance.now();
  const server = await startServer();
  const ready = performance.now();
  const again = await startServer();
  const second = performance.now() - ready;
  await Promise.all([server.stop(), again.stop()]);
  console.log(JSON.stringify({ importMs: imported - before, startMs: ready - imported, againMs: second }));
});`;

/** How long it takes until there is a server. */
export const START_PROBES: readonly Probe[] = [
  {
    name: 'start',
    figures: [READY],
    turns: 5,
    run: ({ tools, template }) =>
      withServer({ taskset: tools.taskset, template }, async ({ readyMs }) => ({ readyMs })),
  },
  {
    name: 'start-in-process',
    figures: [
      { key: 'importMs', what: 'import of the package', unit: 'ms', better: 'less' },
      { key: 'startMs', what: 'first startServer()', unit: 'ms', better: 'less' },
      { key: 'againMs', what: 'another startServer()', unit: 'ms', better: 'less' },
    ],
    turns: 5,
    alone: true,
    run: (setting) => printedBy(setting, ['node', '-e', IN_PROCESS]),
  },
];

/** Runs a program on the server's core. @returns the JSON that it prints as its last line. */
export async function printedBy(
  { tools }: Setting,
  command: readonly string[],
  limitMs = RUN_LIMIT_MS,
): Promise<Found> {
  const started = await startPinned(tools.taskset, SERVER_CORE, command);
  const force = setTimeout(() => started.child.kill('SIGKILL'), limitMs);
  const code = await started.ended;
  clearTimeout(force);
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${started.tail()}`);
  return JSON.parse(started.tail().trim().split('\n').at(-1) ?? '') as Found;
}
