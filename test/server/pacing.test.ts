import { expect, test } from 'vitest';
import { type Paced, Pacing } from '../../src/server/pacing.ts';

/** One end, and what became of it. */
class End implements Paced {
  isClosed = false;
  isBehind = false;
  isPaused = false;
  readonly pacing: Pacing;

  constructor(timers: (() => void)[]) {
    this.pacing = new Pacing(this, (_delayMs, task) => {
      timers.push(task);
      return { cancel: () => {} };
    });
  }

  pauseInput(): void {
    this.isPaused = true;
  }

  resumeInput(): void {
    this.isPaused = false;
  }
}

function pair(): { producer: End; receiver: End; timers: (() => void)[] } {
  const timers: (() => void)[] = [];
  const [producer, receiver] = [new End(timers), new End(timers)];
  receiver.isBehind = true;
  producer.pacing.note(receiver);
  return { producer, receiver, timers };
}

test('a producer waits behind its batch for a receiver that is behind, until that one has caught up', () => {
  const { producer, receiver } = pair();
  expect(producer.isPaused, 'not within the batch').toBe(false);
  producer.pacing.batchOver();
  expect(producer.isPaused).toBe(true);
  receiver.pacing.progressed();
  expect(producer.isPaused, 'it is still behind').toBe(true);
  receiver.isBehind = false;
  receiver.pacing.progressed();
  expect(producer.isPaused).toBe(false);
});

test('a producer does not wait for ever', () => {
  const { producer, timers } = pair();
  producer.pacing.batchOver();
  expect(timers).toHaveLength(1);
  timers[0]?.();
  expect(producer.isPaused).toBe(false);
});

test.each<[string, (ends: ReturnType<typeof pair>) => void]>([
  ['that has caught up within the batch', ({ receiver }) => (receiver.isBehind = false)],
  ['that has gone', ({ receiver }) => (receiver.isClosed = true)],
])('a producer does not wait for a receiver %s', (_what, change) => {
  const ends = pair();
  change(ends);
  ends.producer.pacing.batchOver();
  expect(ends.producer.isPaused).toBe(false);
});

test('nobody waits for a receiver that goes, nor for itself', () => {
  const { producer, receiver } = pair();
  producer.pacing.batchOver();
  receiver.pacing.releaseAll();
  expect(producer.isPaused).toBe(false);
  receiver.pacing.note(receiver);
  receiver.pacing.batchOver();
  expect(receiver.isPaused).toBe(false);
});
