import { type ListenerFuzzer, listenerFuzzersById, visit } from '../fuzz/index.ts';
import type { FuzzIo } from './fuzz.ts';
import { natural, UsageError } from './usage-error.ts';

/** Strangers at each way to a listener unless the command line says otherwise. */
const DEFAULT_RUNS = 250;
const NONE_FOUND = 0;
const FOUND = 1;

/** What is asked of the fuzzers of raw bytes. */
export interface ListenerOrder {
  readonly fuzzers: readonly ListenerFuzzer[];
  readonly runs: number;
  readonly seed: number | undefined;
}

/** @returns undefined when something else is asked for. @throws UsageError */
export function readListenerOrder(args: readonly string[]): ListenerOrder | undefined {
  const [id = '', ...rest] = args;
  if (listenerFuzzersById(id).length === 0) return undefined;
  const chosen = rest[0] !== undefined && !rest[0].startsWith('-') ? rest.shift() : undefined;
  const fuzzers = listenerFuzzersById(chosen ?? id);
  if (fuzzers.length === 0) throw new UsageError(`no listener ${JSON.stringify(chosen)}`);
  const numbers = new Map<string, number>();
  for (let at = 0; at < rest.length; at += 2) {
    const [flag = '', text = ''] = rest.slice(at, at + 2);
    if (flag !== '--runs' && flag !== '--seed') throw new UsageError(`no option ${JSON.stringify(flag)}`);
    numbers.set(flag, natural(flag, text));
  }
  return { fuzzers, runs: Math.max(1, numbers.get('--runs') ?? DEFAULT_RUNS), seed: numbers.get('--seed') };
}

/** Runs fuzzers of raw bytes, each way to each listener on a server of its own. @returns the exit code. */
export async function fuzzListeners(
  { fuzzers, runs, seed: wanted }: ListenerOrder,
  io: FuzzIo,
): Promise<number> {
  const seed = wanted ?? io.drawSeed();
  for (const { id, promise, ways } of fuzzers) {
    io.err(`${id}, seed ${seed}: ${promise}\n`);
    for (const way of ways) {
      const found = await visit(way, { strangers: runs, seed, certificates: io.certificates });
      if (found === undefined) continue;
      io.out(`${id}, ${found.way}: ${found.summary}\n${found.sent === '' ? '' : `it sent ${found.sent}\n`}`);
      io.out(`again: npm run fuzz:listeners -- ${id} --runs ${runs} --seed ${seed}\n`);
      return FOUND;
    }
    io.out(`${id}: no counterexample in ${runs * ways.length} strangers\n`);
  }
  return NONE_FOUND;
}
