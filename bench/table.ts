import type { Figure } from './probe.ts';
import type { ProbeSummary } from './probes.ts';
import type { Summary } from './report.ts';

/** The cells as a table in Markdown. */
export function cellTable(summaries: readonly Summary[]): string {
  return [
    '| cell | CPU ns/message, Bulkhead | real | real/Bulkhead, median (min..max) | goal | messages/s, Bulkhead | real |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...summaries.map(({ cell, goal, bulkhead, peer, cpuRatio }) =>
      row(
        `\`${cell}\``,
        number(bulkhead.cpu.median),
        number(peer.cpu.median),
        `**${cpuRatio.median.toFixed(2)}** (${cpuRatio.min.toFixed(2)}..${cpuRatio.max.toFixed(2)})`,
        goal === undefined ? '' : `${goal}`,
        number(bulkhead.rate.median),
        number(peer.rate.median),
      ),
    ),
  ].join('\n');
}

/** The probes as a table in Markdown. */
export function probeTable(summaries: readonly ProbeSummary[]): string {
  return [
    '| probe | figure | Bulkhead | real | advantage |',
    '| --- | --- | --- | --- | --- |',
    ...summaries.flatMap(({ name, figures, bulkhead, peer }) =>
      figures.map((figure, index) => {
        const ours = bulkhead[figure.key];
        const theirs = peer?.[figure.key];
        const ratio = advantage(figure, ours, theirs);
        return row(
          index === 0 ? `\`${name}\`` : '',
          figure.what,
          shown(figure, ours),
          shown(figure, theirs),
          ratio === undefined ? '' : ratio.toFixed(2),
        );
      }),
    ),
  ].join('\n');
}

/** How many times Bulkhead is better in a figure; below 1 the real server is. */
export function advantage({ better }: Figure, ours = Number.NaN, theirs = Number.NaN): number | undefined {
  const ratio = better === 'less' ? theirs / ours : ours / theirs;
  return Number.isFinite(ratio) && ratio > 0 ? ratio : undefined;
}

function shown({ unit }: Figure, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '';
  return `${number(value)} ${unit}`;
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
