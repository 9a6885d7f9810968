import { type Cell, messagesOf } from './cells.ts';
import { CONFIGS } from './configs.ts';
import { LOAD_CORE, startPinned, stop } from './process.ts';
import { type Server, withServer } from './server.ts';
import type { Tools } from './tools.ts';

/** What one run of a cell against one server gave. */
export interface Sample {
  readonly messages: number;
  /** Messages per second of wall time. */
  readonly rate: number;
  /** Nanoseconds of the server's CPU (user and system) per message. */
  readonly cpu: number;
}

/** The same load against both servers, one right after the other. */
export interface Pair {
  readonly bulkhead: Sample;
  readonly peer: Sample;
}

const RUN_LIMIT_S = 120;
/** The unmeasured part before each measurement, as a share of it: compilers and buffers settle in it. */
const WARMUP_SHARE = 0.5;

/** Measures one cell once on a fresh server. `template` is the server's command with `{port}` in it. */
export function measure(tools: Tools, template: string, cell: Cell, messages: number): Promise<Sample> {
  const plan = {
    taskset: tools.taskset,
    template,
    config: cell.config === undefined ? undefined : CONFIGS[cell.config],
    loadgen: cell.scheme === undefined ? undefined : tools.loadgen,
  };
  return withServer(plan, async (server) => {
    const count = messagesOf(cell, messages);
    const output = await runLoad(tools, server, [
      ...[
        '-url',
        addressOf(server, cell, cell.sender),
        '-receiver-url',
        addressOf(server, cell, cell.receiver),
      ],
      ...['-cell', cell.load ?? cell.name, '-size', String(cell.size ?? 128)],
      ...['-messages', String(count), '-warmup', String(Math.ceil(count * WARMUP_SHARE))],
    ]);
    return readSample(output);
  });
}

/** Where somebody of a cell connects. */
function addressOf({ port, websocketPort }: Server, { scheme }: Cell, user = ''): string {
  const isWebSocket = scheme === 'ws' || scheme === 'wss';
  return `${scheme ?? 'nats'}://${user}127.0.0.1:${isWebSocket ? websocketPort : port}`;
}

/** Runs the load generator against a server. @returns the line that it printed. */
export async function runLoad(tools: Tools, server: Server, args: readonly string[]): Promise<string> {
  const load = await startPinned(tools.taskset, LOAD_CORE, [
    tools.loadgen,
    ...['-pid', String(server.process.pid), '-timeout', `${RUN_LIMIT_S}s`],
    ...args,
  ]);
  const force = setTimeout(() => void stop(load), (RUN_LIMIT_S + 5) * 1_000);
  const code = await load.ended;
  clearTimeout(force);
  if (code === 0) return load.tail();
  throw new Error(`${load.tail().trim()}\nthe server's last words:\n${server.process.tail()}`);
}

/** Reads the line of a cell. */
export function readSample(output: string): Sample {
  const { messages, wallNs, cpuNs } = JSON.parse(output) as Record<string, number>;
  if (!messages || !wallNs || !cpuNs) throw new Error(`the load generator printed '${output}'`);
  return { messages, rate: (messages * 1e9) / wallNs, cpu: cpuNs / messages };
}
