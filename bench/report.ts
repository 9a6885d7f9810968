import type { Cell } from './cells.ts';
import type { Pair, Sample } from './measure.ts';

/** The middle of several figures, with the smallest and the largest beside it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What is said about a cell after all its pairs. */
export interface Summary {
  readonly cell: string;
  readonly unit: string;
  readonly goal: number | undefined;
  readonly pairs: readonly Pair[];
  readonly bulkhead: { readonly rate: Spread; readonly cpu: Spread };
  readonly peer: { readonly rate: Spread; readonly cpu: Spread };
  /** Real server's CPU per message divided by Bulkhead's, pair by pair; above 1 Bulkhead is the cheaper one. */
  readonly cpuRatios: readonly number[];
  readonly cpuRatio: Spread;
}

/** Sums up the pairs of a cell. There is at least one. */
export function summarize(cell: Cell, pairs: readonly Pair[]): Summary {
  const cpuRatios = pairs.map((pair) => pair.peer.cpu / pair.bulkhead.cpu);
  return {
    cell: cell.name,
    unit: cell.unit,
    goal: cell.goal,
    pairs,
    bulkhead: sides(pairs.map((pair) => pair.bulkhead)),
    peer: sides(pairs.map((pair) => pair.peer)),
    cpuRatios,
    cpuRatio: spread(cpuRatios),
  };
}

function sides(samples: readonly Sample[]): { rate: Spread; cpu: Spread } {
  return { rate: spread(samples.map((s) => s.rate)), cpu: spread(samples.map((s) => s.cpu)) };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const half = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** The heading of the table that `renderCell` continues. */
export function renderHeading(): string {
  return line('cell', 'server', 'msgs/s, median (min..max)', 'server CPU ns/msg, median (min..max)');
}

/** A cell in three lines: each server's figures, and the ratio of their CPU per message. */
export function renderCell(summary: Summary): string {
  const { bulkhead, peer, cpuRatio } = summary;
  const each = summary.cpuRatios.map((ratio) => ratio.toFixed(2)).join(' ');
  const ratio = `${render(cpuRatio, (value) => value.toFixed(2))}  pairs: ${each}`;
  return [
    line(summary.cell, 'bulkhead', render(bulkhead.rate, whole), render(bulkhead.cpu, whole)),
    line('', 'real', render(peer.rate, whole), render(peer.cpu, whole)),
    line('', 'real/bulkhead', '', ratio),
  ].join('\n');
}

function render({ median, min, max }: Spread, format: (value: number) => string): string {
  return `${format(median)} (${format(min)}..${format(max)})`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function line(cell: string, server: string, rate: string, cpu: string): string {
  return `${cell.padEnd(23)}${server.padEnd(15)}${rate.padEnd(37)}${cpu}`.trimEnd();
}
