import fc from 'fast-check';
import type { Target } from '../play.ts';
import type { Command } from './command.ts';
import {
  acknowledge,
  askConsumer,
  createConsumer,
  listConsumers,
  pauseConsumer,
  pull,
  resetConsumer,
  unpinConsumer,
} from './consumers.ts';
import { deleteMessage, directGet, getMessage, publish, publishInBatch } from './messages.ts';
import { type Observed, playCommands } from './player.ts';
import {
  accountInfo,
  createStream,
  deleteStream,
  listStreams,
  purge,
  streamInfo,
  updateStream,
} from './streams.ts';

/** What is asked how often. */
const WEIGHTS: readonly (readonly [number, fc.Arbitrary<Command>])[] = [
  [14, publish],
  [3, publishInBatch],
  [6, createStream],
  [3, updateStream],
  [3, streamInfo],
  [2, purge],
  [1, listStreams],
  [1, deleteStream],
  [1, accountInfo],
  [2, deleteMessage],
  [2, getMessage],
  [2, directGet],
  [7, createConsumer],
  [4, askConsumer],
  [1, listConsumers],
  [1, pauseConsumer],
  [1, resetConsumer],
  [1, unpinConsumer],
  [8, pull],
  [7, acknowledge],
];

const command = fc.oneof(...WEIGHTS.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Sequences that begin with something to act on. */
export const sequences: fc.Arbitrary<Command[]> = fc
  .tuple(createStream, fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }))
  .map(([first, rest]) => [first, ...rest]);

/** Time that both servers get after each command: little, and where they differ more, to tell a difference from haste. */
const SETTLE_MS = [1, 8, 25];

const PATIENCE = { reply: 400, acknowledgement: 60 };

/** What the two servers answer differently, line by line; empty when they agree. */
export async function differences(
  real: Target,
  ours: Target,
  commands: readonly Command[],
  settling: readonly number[] = SETTLE_MS,
): Promise<string[]> {
  let found: string[] = [];
  for (const settle of settling) {
    const [theirs, answered] = await Promise.all([
      playCommands(() => real.open(), commands, { ...PATIENCE, settle }),
      playCommands(() => ours.open(), commands, { ...PATIENCE, settle }),
    ]);
    found = compared(theirs, answered);
    if (found.length === 0) return [];
  }
  return found;
}

/** Two records of the same sequence, as lines of what differs. */
export function compared(theirs: Observed, ours: Observed): string[] {
  const boxes = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].sort();
  return boxes.flatMap((box) => {
    const [expected, actual] = [theirs[box] ?? [], ours[box] ?? []];
    if (expected.join('\n') === actual.join('\n')) return [];
    return [`${box}: real ${onlyIn(expected, actual)}`, `${box}: ours ${onlyIn(actual, expected)}`];
  });
}

function onlyIn(one: readonly string[], other: readonly string[]): string {
  return one.filter((text, at) => text !== other[at]).join('\n') || '(nothing)';
}
