import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSample, runLoad } from './measure.ts';
import { type Figure, type Found, type Probe, type Setting, scaled } from './probe.ts';
import { cpuSeconds, residentBytes } from './proc.ts';
import { removeDirectory, SERVER_CORE, startPinned, temporaryDirectory } from './process.ts';
import { type Server, withServer } from './server.ts';
import { type Size, topologyText } from './topology.ts';

/** Users and doors of each account. */
const EACH = { usersEach: 10, doorsEach: 20 };
const PASSWORD = 'secret';
/** Accounts of the configuration that takes long to load. */
const MANY = 10_000;
const MESSAGES = 200_000;
/** Exit code of `bulkhead audit` when it found something. */
const FINDINGS = 4;

const FIGURES: readonly Figure[] = [
  { key: 'readyMs', what: 'from the command to INFO', unit: 'ms', better: 'less' },
  { key: 'startCpuS', what: 'CPU until then', unit: 's', better: 'less' },
  { key: 'residentMiB', what: 'memory after it', unit: 'MiB', better: 'less' },
  { key: 'insideNs', what: 'CPU of a delivery inside one account', unit: 'ns', better: 'less' },
  { key: 'acrossNs', what: 'CPU of a delivery over a service import', unit: 'ns', better: 'less' },
];

/** Servers with many accounts: to start them, what they hold, and that a message does not notice the other accounts. */
export const LARGE_PROBES: readonly Probe[] = [
  ...[10, 1_000, MANY].map(
    (accounts): Probe => ({
      name: `accounts-${accounts}`,
      figures: FIGURES,
      turns: 1,
      run: (setting) => serve(setting, { accounts: sizeOf(setting, accounts), ...EACH }),
    }),
  ),
  {
    name: `audit-${MANY}`,
    figures: [
      { key: 'auditS', what: '`bulkhead audit`, in all', unit: 's', better: 'less' },
      { key: 'explainS', what: '`bulkhead explain`, in all', unit: 's', better: 'less' },
    ],
    turns: 1,
    alone: true,
    run: auditAndExplain,
  },
];

function sizeOf(setting: Setting, accounts: number): number {
  return accounts < MANY ? accounts : scaled(setting, accounts);
}

function serve(setting: Setting, size: Size): Promise<Found> {
  const { tools, template } = setting;
  const text = topologyText(size, PASSWORD);
  return withServer({ taskset: tools.taskset, template, config: () => text }, async (server) => {
    const startCpuS = cpuSeconds(server.process.pid);
    const residentMiB = residentBytes(server.process.pid) / 2 ** 20;
    const insideNs = await cost(setting, server, 'u0-0', 'own.x', 'own.x');
    const acrossNs = await cost(setting, server, 'u1-0', 'to0.x', 'svc0.*.get');
    return { readyMs: server.readyMs, startCpuS, residentMiB, insideNs, acrossNs };
  });
}

/** Nanoseconds of the server's CPU for a message from the first account's first user to another user. */
async function cost(
  setting: Setting,
  server: Server,
  receiver: string,
  sent: string,
  heard: string,
): Promise<number> {
  const address = (user: string): string => `nats://${user}:${PASSWORD}@127.0.0.1:${server.port}`;
  const count = scaled(setting, MESSAGES);
  const output = await runLoad(setting.tools, server, [
    ...['-url', address('u0-0'), '-receiver-url', address(receiver)],
    ...['-cell', 'publish-subscribe', '-subject', sent, '-heard', heard],
    ...['-messages', String(count), '-warmup', String(count)],
  ]);
  return readSample(output).cpu;
}

async function auditAndExplain(setting: Setting): Promise<Found> {
  const dir = temporaryDirectory();
  try {
    const file = join(dir, 'bench.conf');
    writeFileSync(file, topologyText({ accounts: sizeOf(setting, MANY), ...EACH }, PASSWORD));
    const auditS = await secondsOf(setting, ['audit', '-c', file]);
    const explainS = await secondsOf(setting, ['explain', '-c', file, '--user', 'u5-0', '--pub', 'to0.x']);
    return { auditS, explainS };
  } finally {
    removeDirectory(dir);
  }
}

async function secondsOf({ tools }: Setting, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const started = await startPinned(tools.taskset, SERVER_CORE, ['node', 'bin/bulkhead', ...args]);
  const code = await started.ended;
  if (code !== 0 && code !== FINDINGS) throw new Error(`${args[0]} ended with ${code}: ${started.tail()}`);
  return (performance.now() - start) / 1_000;
}
