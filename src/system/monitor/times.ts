import { formatInstant, type Instant } from '../../base/index.ts';
import type { HouseView } from '../view.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 365 * 86_400],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
];

/** A duration as monitoring writes it: whole seconds, from the first unit that is not zero (`3m3s`, `1d0h0m5s`). */
export function uptimeText(ms: number): string {
  let left = Math.max(0, Math.floor(ms / 1000));
  let text = '';
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    if (count > 0 || text !== '' || unit === 's') text += `${count}${unit}`;
  }
  return text;
}

/** The present moment, as replies show it. */
export function nowText({ clock }: HouseView): string {
  return formatInstant(clock.instant());
}

/** What lies between two moments, ms. */
export function between(from: Instant, to: Instant): number {
  return to.ms - from.ms;
}
