// Side by side with the real server: the same load, in turns, on the same core. See docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import type { Cell } from './cells.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measure, type Pair } from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { Pace } from './pace.ts';
import type { Setting } from './probe.ts';
import { type ProbeSummary, takeProbe } from './probes.ts';
import { killChildrenOnExit, LOAD_CORE } from './process.ts';
import { renderCell, renderHeading, type Summary, summarize } from './report.ts';
import { compareWith, type Results, writeResults } from './results.ts';
import { probeTable } from './table.ts';
import { findTools, type Tools } from './tools.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === undefined) return print(USAGE);
  const tools = findTools(options.peer);
  killChildrenOnExit();
  execFileSync(tools.taskset, ['-a', '-c', '-p', String(LOAD_CORE), String(process.pid)], {
    stdio: 'ignore',
  });

  const machine = describeMachine(tools.peer);
  print(
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}, ${machine.peer}`,
  );
  print(`${options.pairs} pairs per cell; ratios above 1: Bulkhead is cheaper\n`);
  const failures: string[] = [];
  const pace = new Pace(options.minutes);
  if (options.cells.length > 0) print(renderHeading());
  const cells = await runCells(tools, options, pace, failures);
  const probes = await runProbes(tools, options, pace, failures);
  if (probes.length > 0) print(`\n${probeTable(probes)}`);
  for (const failure of failures) progress(`\n${failure}`);
  finish(options, machine, cells, probes, failures);
}

function finish(
  options: Options,
  machine: Machine,
  cells: readonly Summary[],
  probes: readonly ProbeSummary[],
  failures: readonly string[],
): void {
  const { pairs, messages, scale, server } = options;
  const takenAt = new Date().toISOString();
  const results: Results = {
    takenAt,
    machine,
    options: { pairs, messages, scale, server },
    cells,
    probes,
    failures,
  };
  // Before the new figures are written: they may be compared with the file that they replace.
  const changes = options.compare === undefined ? [] : compareWith(options.compare, results);
  if (options.compare !== undefined)
    print(`\nchanged since ${options.compare}:\n${changes.join('\n') || 'nothing'}`);
  writeResults(results, options);
  print(`\nfigures in ${options.json}, picture in ${options.picture}`);
  if (failures.length > 0) process.exitCode = 1;
}

/** Runs every cell. One that fails is reported and does not keep the others from running. */
async function runCells(tools: Tools, options: Options, pace: Pace, failures: string[]): Promise<Summary[]> {
  const summaries: Summary[] = [];
  for (const [index, cell] of options.cells.entries()) {
    const mayRepeat = (): boolean => pace.mayRepeat(index, options.cells.length);
    await attempt(cell.name, failures, async () => {
      const summary = summarize(cell, await runPairs(tools, options, cell, mayRepeat));
      summaries.push(summary);
      print(renderCell(summary));
    });
  }
  return summaries;
}

/** Takes every probe, as {@link runCells}. */
async function runProbes(
  tools: Tools,
  options: Options,
  pace: Pace,
  failures: string[],
): Promise<ProbeSummary[]> {
  const summaries: ProbeSummary[] = [];
  const { scale } = options;
  const bulkhead: Setting = { tools, template: options.server, scale };
  const peer: Setting = { tools, template: realCommand(tools), scale };
  for (const probe of options.probes) {
    await attempt(probe.name, failures, async () => {
      if (!pace.mayGoOn) throw new Error('left out, the time was up');
      const turns = Math.max(1, Math.round(probe.turns * scale));
      summaries.push(await takeProbe(probe, bulkhead, peer, turns));
      progress(`  ${probe.name}`);
    });
  }
  return summaries;
}

async function attempt(name: string, failures: string[], run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    print(`${name.padEnd(23)}failed`);
  }
}

function realCommand({ peer }: Tools): string {
  return `${peer} -js -a 127.0.0.1 -p {port} -sd {dir}`;
}

/** A B A B …: what drifts on the machine meets both servers alike. */
async function runPairs(
  tools: Tools,
  options: Options,
  cell: Cell,
  mayRepeat: () => boolean,
): Promise<Pair[]> {
  const real = realCommand(tools);
  const pairs: Pair[] = [];
  for (let turn = 1; turn <= options.pairs && (turn === 1 || mayRepeat()); turn += 1) {
    const bulkhead = await measure(tools, options.server, cell, options.messages);
    const peer = await measure(tools, real, cell, options.messages);
    pairs.push({ bulkhead, peer });
    progress(`  ${cell.name} pair ${turn} of ${options.pairs}`);
  }
  return pairs;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
