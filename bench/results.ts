import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from './machine.ts';
import type { Options } from './options.ts';
import { drawPicture } from './picture.ts';
import type { ProbeSummary } from './probes.ts';
import type { Summary } from './report.ts';
import { cellTable, probeTable } from './table.ts';

/** Differences below this share are noise of the machine. */
const NOISE = 0.1;
const DOCS = 'docs/benchmarks.md';
const DOCS_PICTURE = 'docs/benchmarks.svg';
const MARKERS = ['<!-- measured -->', '<!-- end of measured -->'] as const;

/** All that a run has found. */
export interface Results {
  readonly takenAt: string;
  readonly machine: Machine;
  readonly options: Readonly<Record<'pairs' | 'messages' | 'scale' | 'server', string | number>>;
  readonly cells: readonly Summary[];
  readonly probes: readonly ProbeSummary[];
  readonly failures: readonly string[];
}

/** Writes the figures, the picture and, where it is asked for, the documentation. */
export function writeResults(results: Results, options: Options): void {
  const picture = drawPicture(results.cells, results.probes, titleOf(results));
  write(options.json, `${JSON.stringify(results, null, 2)}\n`);
  write(options.picture, picture);
  if (!options.docs) return;
  write(DOCS_PICTURE, picture);
  write(DOCS, withMeasured(readFileSync(DOCS, 'utf8'), results));
}

function titleOf({ machine, takenAt }: Results): string {
  return `${machine.cpu}, Node ${machine.node}, ${machine.peer}, ${takenAt.slice(0, 10)}`;
}

function withMeasured(text: string, results: Results): string {
  const [begin, end] = MARKERS;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${DOCS} lacks ${begin} … ${end}`);
  const { pairs, messages } = results.options;
  const parts = [
    begin,
    `${titleOf(results)}; ${pairs} pairs, \`--messages ${messages}\`.`,
    '![Ratios to the real server](benchmarks.svg)',
    cellTable(results.cells),
    probeTable(results.probes),
    ...(results.failures.length === 0
      ? []
      : [`Not measured: ${results.failures.map((failure) => failure.split('\n')[0]).join('; ')}.`]),
  ];
  return `${text.slice(0, from)}${parts.join('\n\n')}\n\n${text.slice(to)}`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What has changed since an earlier run by more than noise, a line each. */
export function compareWith(file: string, now: Results): string[] {
  const before = figuresOf(JSON.parse(readFileSync(file, 'utf8')) as Results);
  const lines: string[] = [];
  for (const [name, value] of figuresOf(now)) {
    const earlier = before.get(name);
    if (earlier === undefined || !(Math.abs(value / earlier - 1) > NOISE)) continue;
    lines.push(`${name.padEnd(60)}${earlier.toPrecision(4)} -> ${value.toPrecision(4)}`);
  }
  return lines;
}

/** Ratios of cells, which do not depend on the machine's mood, and Bulkhead's own figures of probes. */
function figuresOf({ cells, probes }: Results): Map<string, number> {
  return new Map([
    ...cells.map(({ cell, cpuRatio }) => [`${cell}, real/bulkhead`, cpuRatio.median] as const),
    ...probes.flatMap(({ name, figures, bulkhead }) =>
      figures.map(
        ({ key, what, unit }) => [`${name}, ${what}, ${unit}`, bulkhead[key] ?? Number.NaN] as const,
      ),
    ),
  ]);
}
