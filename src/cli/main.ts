import { demo } from './demo.ts';
import { dropIn } from './drop-in.ts';
import { serve } from './serve.ts';

/** The name the program was started under: its own, or that of nats-server. */
export type ProgramName = 'bulkhead' | 'drop-in';

type Subcommand = (words: readonly string[]) => Promise<number> | number;

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map<string, Subcommand>([
  ['audit', async (words) => (await import('./audit.ts')).audit(words)],
  ['demo', demo],
  ['drop-in', dropIn],
  ['run', async (words) => (await import('./run.ts')).run(words)],
  ['explain', async (words) => (await import('./explain.ts')).explain(words)],
]);

/** Runs the command; the exit code is set, the process ends when nothing is left to do. */
export async function main(words: readonly string[], name: ProgramName): Promise<void> {
  const subcommand = name === 'bulkhead' ? SUBCOMMANDS.get(words[0] ?? '') : undefined;
  process.exitCode = await (subcommand === undefined ? serve(words, name) : subcommand(words.slice(1)));
}
