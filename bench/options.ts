import { parseArgs } from 'node:util';
import { type Cell, selectCells } from './cells.ts';

/** What a run is asked to do. */
export interface Options {
  readonly cells: readonly Cell[];
  /** How many times each cell runs on each of the two servers. */
  readonly pairs: number;
  /** Messages of a cell with share 1. */
  readonly messages: number;
  /** Command of the server under test, with `{port}` and, where it wants a directory, `{dir}`. */
  readonly server: string;
  /** Path of the real nats-server, or a bare name to look up on the PATH. */
  readonly peer: string;
  /** File for the figures as JSON. */
  readonly json: string | undefined;
}

export const USAGE = `npm run bench -- [options]
  --cells a,b     only these cells
  --pairs N       interleaved pairs per cell (default 5)
  --messages N    messages of the publish cell, the others in proportion (default 2000000)
  --server CMD    the server under test (default: node bin/bulkhead -js -a 127.0.0.1 -p {port})
  --peer PATH     the real nats-server (default: $NATS_SERVER, or nats-server on the PATH)
  --json FILE     write the figures there too
`;

const BULKHEAD = 'node bin/bulkhead -js -a 127.0.0.1 -p {port}';

/** Reads the command line; undefined when it asks for help. Throws an error that says what was wanted. */
export function parseOptions(args: string[], env: NodeJS.ProcessEnv): Options | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      cells: text,
      pairs: text,
      messages: text,
      server: text,
      peer: text,
      json: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  const server = values.server ?? BULKHEAD;
  if (!server.includes('{port}')) throw new Error(`--server '${server}' lacks {port}, the port to listen on`);
  return {
    cells: selectCells(values.cells),
    pairs: count('pairs', values.pairs ?? '5', 100),
    messages: count('messages', values.messages ?? '2000000', 100_000_000),
    server,
    peer: values.peer ?? env['NATS_SERVER'] ?? 'nats-server',
    json: values.json,
  };
}

function count(name: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Error(`--${name} is '${value}'; wanted a whole number from 1 to ${most}`);
}
