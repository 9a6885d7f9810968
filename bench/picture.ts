import type { ProbeSummary } from './probes.ts';
import type { Summary } from './report.ts';
import { advantage } from './table.ts';

const WIDTH = 860;
const LABEL = 300;
const ROW = 22;
const TOP = 64;
/** The ratio at the right edge; longer bars are cut there and say so by their figure. */
const MOST = 8;
const RIGHT = 70;
const OURS = '#2b7a4b';
const THEIRS = '#b5533c';

/** One bar: how many times Bulkhead is better, on a scale of powers of two. */
interface Bar {
  readonly label: string;
  readonly ratio: number;
  readonly goal: number | undefined;
}

/** All ratios to the real server as one picture: bars to the right of the line are in favour of Bulkhead. */
export function drawPicture(
  cells: readonly Summary[],
  probes: readonly ProbeSummary[],
  title: string,
): string {
  const bars = [...cells.map(cellBar), ...probes.flatMap(probeBars)];
  const height = TOP + bars.length * ROW + 30;
  const lines = [1 / 4, 1 / 2, 1, 2, 4].map((ratio) => gridLine(ratio, height));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-size="15" font-weight="bold">Bulkhead beside nats-server: how many times better</text>`,
    `<text x="12" y="40" fill="#555">${xml(title)}; a mark is the goal</text>`,
    ...lines,
    ...bars.map((bar, index) => drawBar(bar, TOP + index * ROW)),
    '</svg>',
    '',
  ].join('\n');
}

function cellBar({ cell, cpuRatio, goal }: Summary): Bar {
  return { label: `${cell}, CPU`, ratio: cpuRatio.median, goal };
}

function probeBars({ name, figures, bulkhead, peer }: ProbeSummary): Bar[] {
  return figures.flatMap((figure) => {
    const ratio = advantage(figure, bulkhead[figure.key], peer?.[figure.key]);
    return ratio === undefined ? [] : [{ label: `${name}, ${figure.what}`, ratio, goal: undefined }];
  });
}

/** Where a ratio stands, on a logarithmic scale from 1/MOST to MOST. */
function xOf(ratio: number): number {
  const bounded = Math.min(MOST, Math.max(1 / MOST, ratio));
  const share = (Math.log2(bounded) + Math.log2(MOST)) / (2 * Math.log2(MOST));
  return Math.round(LABEL + share * (WIDTH - LABEL - RIGHT));
}

function gridLine(ratio: number, height: number): string {
  const x = xOf(ratio);
  const colour = ratio === 1 ? '#333' : '#ddd';
  const label = ratio < 1 ? `1/${1 / ratio}` : String(ratio);
  return `<line x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 24}" stroke="${colour}"/><text x="${x}" y="${height - 8}" text-anchor="middle" fill="#555">${label}</text>`;
}

function drawBar({ label, ratio, goal }: Bar, y: number): string {
  const [from, to] = [xOf(1), xOf(ratio)].toSorted((a, b) => a - b) as [number, number];
  const mark =
    goal === undefined
      ? ''
      : `<line x1="${xOf(goal)}" x2="${xOf(goal)}" y1="${y}" y2="${y + 16}" stroke="#000" stroke-width="2"/>`;
  return [
    `<text x="${LABEL - 8}" y="${y + 12}" text-anchor="end">${xml(label)}</text>`,
    `<rect x="${from}" y="${y + 2}" width="${Math.max(1, to - from)}" height="12" fill="${ratio >= 1 ? OURS : THEIRS}"/>`,
    mark,
    `<text x="${WIDTH - 12}" y="${y + 12}" text-anchor="end">${ratio.toFixed(2)}</text>`,
  ].join('');
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
