import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../src/base/index.ts';
import type { Interruptible } from '../../src/server/input-turns.ts';
import { Loop } from '../../src/server/loop.ts';
import { RunQueue } from '../../src/server/run-queue.ts';
import { Times } from '../../src/server/times.ts';
import { World } from '../accounts/support.ts';

const failed = (error: unknown): never => {
  throw error;
};

function loopWith(queue: RunQueue): Loop {
  const times = new Times('manual', () => {}, failed);
  onTestFinished(() => times.stop());
  return new Loop(queue, times, { inLoop: failed, onConnection: (_, error) => failed(error) });
}

/** A connection that notes what becomes of its input. */
class Input implements Interruptible {
  readonly account = undefined;
  isClosed = false;
  log: string[] = [];

  interrupt(): void {
    this.log.push('interrupted');
  }

  goOn(): void {
    this.log.push('goes on');
  }
}

/** Works until the input in hand is interrupted; gives up after far more than that takes. */
function workUntilInterrupted(loop: Loop, input: Input): void {
  for (let i = 0; i < 1e7 && input.log.length === 0; i++) loop.worked();
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('input that works for long is interrupted and goes on in a later turn', async () => {
  const loop = loopWith(new RunQueue(failed));
  const input = new Input();
  loop.begin();
  loop.interruptible(input);
  workUntilInterrupted(loop, input);
  loop.settle();
  expect(input.log).toEqual(['interrupted']);
  await turns(3);
  expect(input.log).toEqual(['interrupted', 'goes on']);
});

test('the run queue goes on when whoever was interrupted is closed', async () => {
  const queue = new RunQueue(failed);
  const loop = loopWith(queue);
  const input = new Input();
  let left = 3 * limits.RUN_QUEUE_TURN;
  loop.begin(input);
  workUntilInterrupted(loop, input);
  queue.enqueue(new World().account('A'), {
    run: (budget) => {
      left -= budget;
      return left > 0;
    },
  });
  input.isClosed = true;
  loop.settle();
  expect(queue.isEmpty).toBe(false);
  await turns(10);
  expect(queue.isEmpty).toBe(true);
  expect(left).toBeLessThanOrEqual(0);
});
