import { parseArgs } from 'node:util';
import { CELLS, type Cell, select } from './cells.ts';
import type { Probe } from './probe.ts';
import { PROBES } from './probes.ts';

/** What a run is asked to do. */
export interface Options {
  readonly cells: readonly Cell[];
  readonly probes: readonly Probe[];
  /** How many times each cell runs on each of the two servers. */
  readonly pairs: number;
  /** Messages of a cell with share 1. */
  readonly messages: number;
  /** What the counts and repetitions of probes are multiplied with, at most 1. */
  readonly scale: number;
  /** How long the run may take; what does not fit is left out. */
  readonly minutes: number;
  /** Command of the server under test, with `{port}` and, where it wants a directory, `{dir}`. */
  readonly server: string;
  /** Path of the real nats-server, or a bare name to look up on the PATH. */
  readonly peer: string;
  /** File for the figures as JSON. */
  readonly json: string;
  /** File for the picture. */
  readonly picture: string;
  /** Figures of an earlier run to compare with. */
  readonly compare: string | undefined;
  /** Whether docs/benchmarks.md and its picture are written anew. */
  readonly docs: boolean;
}

export const USAGE = `npm run bench -- [options]
  --quick         one pair of each cell, less load: figures to look at, not to keep
  --cells a,b     only these cells (or none)
  --probes a,b    only these probes (or none)
  --pairs N       interleaved pairs per cell (default 3)
  --messages N    messages of the publish cell, the others in proportion (default 2000000)
  --minutes N     leave out what does not fit into so much time (default 11)
  --server CMD    the server under test (default: node bin/bulkhead -js -a 127.0.0.1 -p {port})
  --peer PATH     the real nats-server (default: $NATS_SERVER, or nats-server on the PATH)
  --json FILE     the figures (default bench/results/latest.json)
  --picture FILE  the picture (default bench/results/latest.svg)
  --compare FILE  the figures of an earlier run: says what has changed since
  --docs          write the tables into docs/benchmarks.md, and its picture
`;

const BULKHEAD = 'node bin/bulkhead -js -a 127.0.0.1 -p {port}';
const QUICK_SHARE = 0.1;

/** Reads the command line; undefined when it asks for help. Throws an error that says what was wanted. */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv): Options | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: {
      quick: flag,
      cells: text,
      probes: text,
      pairs: text,
      messages: text,
      minutes: text,
      server: text,
      peer: text,
      json: text,
      picture: text,
      compare: text,
      docs: flag,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  const server = values.server ?? BULKHEAD;
  if (!server.includes('{port}')) throw new Error(`--server '${server}' lacks {port}, the port to listen on`);
  const quick = values.quick ?? false;
  return {
    cells: select('cell', CELLS, values.cells),
    probes: select('probe', PROBES, values.probes),
    pairs: count('pairs', values.pairs ?? (quick ? '1' : '3'), 100),
    messages: count('messages', values.messages ?? (quick ? '400000' : '2000000'), 100_000_000),
    minutes: count('minutes', values.minutes ?? '11', 600),
    scale: quick ? QUICK_SHARE : 1,
    server,
    peer: values.peer ?? env['NATS_SERVER'] ?? 'nats-server',
    json: values.json ?? 'bench/results/latest.json',
    picture: values.picture ?? 'bench/results/latest.svg',
    compare: values.compare,
    docs: values.docs ?? false,
  };
}

function count(name: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`--${name} is '${value}'; wanted a whole number from 1 to ${most}`);
}
