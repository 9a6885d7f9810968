import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../play.ts';
import type { Step } from './sourcing.ts';
import { Side } from './sourcing-side.ts';

/** Between two looks at both servers, ms. */
const LOOK_MS = 8;
/** How long nothing has to change for both to be at rest. */
const CALM_LOOKS = 2;
/** Letters around a difference that are shown. */
const CONTEXT = 60;
/** Documented: the real server says so too where two ways lead to the same origin, in one of their two orders. */
const FALSE_ALARM = 'detected cycle';

/**
 * Plays a sequence on both servers, step by step. After each, both are looked at until they stand alike and still, or
 * `patienceMs` is over.
 * @returns what differs, with the step after which it did; empty when they agree.
 */
export async function sourcingDifferences(
  real: Target,
  ours: Target,
  steps: readonly Step[],
  patienceMs: number,
): Promise<string[]> {
  const sides = [new Side(real), new Side(ours)] as const;
  try {
    for (const [at, step] of steps.entries()) {
      const [expected, actual] = await Promise.all(sides.map((side) => side.take(step)));
      if (expected?.includes(FALSE_ALARM) === true && actual?.includes(FALSE_ALARM) === false) return [];
      if (expected !== actual) return [`step ${at}:`, ...narrowed(expected ?? '', actual ?? '')];
      const found = await differencesAtRest(sides, patienceMs);
      if (found.length > 0) return [`after step ${at}:`, ...found];
    }
    return compared(...(await both(sides, (side) => side.picture())));
  } finally {
    await Promise.all(sides.map((side) => side.end()));
  }
}

type Sides = readonly [Side, Side];

async function differencesAtRest(sides: Sides, patienceMs: number): Promise<string[]> {
  const deadline = performance.now() + patienceMs;
  let calm = 0;
  let last = '';
  for (;;) {
    await sleep(LOOK_MS);
    const infos = await both(sides, (side) => side.infos());
    const found = compared(...infos);
    const now = infos[0].join('\n');
    calm = found.length === 0 && now === last ? calm + 1 : 0;
    last = now;
    if (calm >= CALM_LOOKS) return [];
    if (performance.now() > deadline) return found;
  }
}

async function both<T>([one, other]: Sides, ask: (side: Side) => Promise<T>): Promise<[T, T]> {
  return Promise.all([ask(one), ask(other)]);
}

function compared(theirs: readonly string[], ours: readonly string[]): string[] {
  const longest = Math.max(theirs.length, ours.length);
  const found: string[] = [];
  for (let at = 0; at < longest; at++) {
    if (theirs[at] === ours[at]) continue;
    found.push(...narrowed(theirs[at] ?? '(nothing)', ours[at] ?? '(nothing)'));
  }
  return found;
}

/** Two texts with what they have in common at both ends cut off, but for a few letters. */
function narrowed(theirs: string, ours: string): string[] {
  const shorter = Math.min(theirs.length, ours.length);
  let start = 0;
  while (start < shorter && theirs[start] === ours[start]) start++;
  let end = 0;
  while (end < shorter - start && theirs.at(-1 - end) === ours.at(-1 - end)) end++;
  const part = (text: string): string => {
    return `…${text.slice(Math.max(0, start - CONTEXT), text.length - Math.max(0, end - CONTEXT))}…`;
  };
  return [`${theirs.slice(0, 2)} real ${part(theirs)}`, `${theirs.slice(0, 2)} ours ${part(ours)}`];
}
