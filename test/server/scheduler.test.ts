import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timer } from '../../src/base/index.ts';
import { ManualClock } from '../../src/server/effects.ts';
import { type Alarm, HeapScheduler } from '../../src/server/scheduler.ts';

/** The runtime's timer, in the hand of a test. */
class TestAlarm implements Alarm {
  delay: number | undefined;
  #wake: () => void = () => {};

  arm(delayMs: number, wake: () => void): void {
    this.delay = delayMs;
    this.#wake = wake;
  }
  disarm(): void {
    this.delay = undefined;
  }
  ring(): void {
    this.delay = undefined;
    this.#wake();
  }
}

describe('HeapScheduler', () => {
  test('runs what a sorted list would run, in its order', () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant('at' as const), in: fc.integer({ min: -5, max: 30 }) }),
      fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }),
      fc.record({ do: fc.constant('move' as const), by: fc.nat(12) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const clock = new ManualClock(1_000);
        const scheduler = new HeapScheduler(clock);
        const ran: number[] = [];
        const expected: number[] = [];
        let model: { id: number; at: number }[] = [];
        const timers: Timer[] = [];
        for (const step of commands) {
          if (step.do === 'at') {
            const id = timers.length;
            const at = clock.now() + step.in;
            timers.push(scheduler.at(at, () => ran.push(id)));
            model.push({ id, at });
          } else if (step.do === 'cancel' && timers.length > 0) {
            const which = step.which % timers.length;
            timers[which]?.cancel();
            model = model.filter(({ id }) => id !== which);
          } else if (step.do === 'move') {
            clock.skip(step.by);
            scheduler.runDue();
            const due = model
              .filter(({ at }) => at <= clock.now())
              .sort((x, y) => x.at - y.at || x.id - y.id);
            expected.push(...due.map(({ id }) => id));
            model = model.filter(({ at }) => at > clock.now());
          }
          expect(ran).toEqual(expected);
          const next = model.length === 0 ? undefined : Math.min(...model.map(({ at }) => at));
          expect(scheduler.nextDue()).toBe(next);
        }
      }),
    );
  });

  test('never runs a task within at(), not even an overdue one', () => {
    const scheduler = new HeapScheduler(new ManualClock(10));
    let ran = false;
    scheduler.at(0, () => {
      ran = true;
    });
    expect(ran).toBe(false);
  });

  test('arms for the first task only, and never longer than the runtime allows', () => {
    const clock = new ManualClock(0);
    const alarm = new TestAlarm();
    const scheduler = new HeapScheduler(clock, alarm);
    scheduler.at(2 ** 40, () => {});
    expect(alarm.delay).toBe(2 ** 31 - 1);
    scheduler.at(50, () => {});
    expect(alarm.delay).toBe(50);
    scheduler.at(80, () => {});
    expect(alarm.delay).toBe(50);
    clock.skip(50);
    alarm.ring();
    expect(alarm.delay).toBe(30);
  });

  test('an alarm that rings early runs nothing and is set again', () => {
    const clock = new ManualClock(0);
    const alarm = new TestAlarm();
    const ran: string[] = [];
    const scheduler = new HeapScheduler(clock, alarm, () => ran.push('settled'));
    scheduler.at(50, () => ran.push('task'));
    alarm.ring();
    expect(ran).toEqual(['settled']);
    expect(alarm.delay).toBe(50);
    clock.skip(50);
    alarm.ring();
    expect(ran).toEqual(['settled', 'task', 'settled']);
  });

  test('stop forgets everything', () => {
    const clock = new ManualClock(0);
    const alarm = new TestAlarm();
    const scheduler = new HeapScheduler(clock, alarm);
    scheduler.at(5, () => expect.fail('ran'));
    scheduler.stop();
    expect(alarm.delay).toBeUndefined();
    clock.skip(10);
    scheduler.runDue();
  });
});
