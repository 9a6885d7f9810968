// Side by side with the real server: the same load, in turns, on the same core. See docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { Cell } from './cells.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measure, type Pair } from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { killChildrenOnExit, LOAD_CORE } from './process.ts';
import { renderCell, renderHeading, type Summary, summarize } from './report.ts';
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
  print(`${options.pairs} pairs per cell, 128-byte payloads; ratios above 1: Bulkhead is cheaper\n`);
  print(renderHeading());
  const { summaries, failures } = await runCells(tools, options);
  for (const failure of failures) progress(`\n${failure}`);
  if (options.json !== undefined) writeJson(options.json, machine, options, summaries, failures);
  if (failures.length > 0) process.exitCode = 1;
}

/** Runs every cell. One that fails is reported and does not keep the others from running. */
async function runCells(
  tools: Tools,
  options: Options,
): Promise<{ summaries: Summary[]; failures: string[] }> {
  const summaries: Summary[] = [];
  const failures: string[] = [];
  for (const cell of options.cells) {
    try {
      const summary = summarize(cell, await runPairs(tools, options, cell));
      summaries.push(summary);
      print(renderCell(summary));
    } catch (error) {
      failures.push(`${cell.name}: ${error instanceof Error ? error.message : String(error)}`);
      print(`${cell.name.padEnd(19)}failed`);
    }
  }
  return { summaries, failures };
}

/** A B A B …: what drifts on the machine meets both servers alike. */
async function runPairs(tools: Tools, options: Options, cell: Cell): Promise<Pair[]> {
  const real = `${tools.peer} -js -a 127.0.0.1 -p {port} -sd {dir}`;
  const pairs: Pair[] = [];
  for (let turn = 1; turn <= options.pairs; turn += 1) {
    const bulkhead = await measure(tools, options.server, cell, options.messages);
    const peer = await measure(tools, real, cell, options.messages);
    pairs.push({ bulkhead, peer });
    progress(`  ${cell.name} pair ${turn} of ${options.pairs}`);
  }
  return pairs;
}

function writeJson(
  file: string,
  machine: Machine,
  options: Options,
  cells: Summary[],
  failures: string[],
): void {
  const { pairs, messages, server } = options;
  const report = {
    takenAt: new Date().toISOString(),
    machine,
    options: { pairs, messages, server },
    cells,
    failures,
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
