import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/index.ts';
import type { Message } from '../../src/base/index.ts';
import type { Runnable } from '../../src/jetstream/index.ts';
import { RunQueue } from '../../src/server/run-queue.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { World } from '../accounts/support.ts';

const failed = (error: unknown): never => {
  throw error;
};

function listen(account: Account, subject: string, receive: (message: Message) => void): void {
  account.subscribe(toBytes(subject), receive, true);
}

/** Work that is done at once. */
function noting(note: () => void): Runnable {
  return {
    run: () => {
      note();
      return false;
    },
  };
}

/** Work of so many units that notes what it does. */
function work(name: string, units: number, log: string[]): Runnable {
  let left = units;
  return {
    run: (budget) => {
      const done = Math.min(left, budget);
      left -= done;
      log.push(`${name}${done}`);
      return left > 0;
    },
  };
}

describe('RunQueue', () => {
  test('keeps the order of an account’s messages', () => {
    const world = new World();
    const account = world.account('A');
    const got: string[] = [];
    listen(account, 'x', (message) => got.push(message.payloadText()));
    const queue = new RunQueue(failed);
    for (let i = 0; i < 5_000; i++)
      queue.emit(account, toBytes('x'), toBytes(''), undefined, Buffer.from(`${i}`));
    while (queue.drain()) expect(queue.isEmpty).toBe(false);
    expect(got).toEqual(Array.from({ length: 5_000 }, (_, i) => `${i}`));
  });

  test('answering: an answer goes before everything that its request sets free in the account it works in', () => {
    const at = fc.constantFrom('A', 'B', 'SYS');
    const step = fc.record({ kind: fc.constantFrom('emit', 'work', 'answer'), at });
    const requests = fc.array(fc.record({ worker: at, steps: fc.array(step, { maxLength: 6 }) }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(requests, (asked) => {
        const world = new World();
        const accounts = new Map(['A', 'B', 'SYS'].map((name) => [name, world.account(name)]));
        const account = (name: string): Account => accounts.get(name) as Account;
        const queue = new RunQueue(failed);
        const log: string[] = [];
        for (const name of accounts.keys())
          listen(account(name), 'x', (message) => log.push(message.payloadText()));
        asked.forEach(({ worker, steps }, request) => {
          queue.answering(() => {
            steps.forEach(({ kind, at: name }, n) => {
              const text = `${request} ${kind} ${n}`;
              if (kind === 'emit')
                queue.emit(account(name), toBytes('x'), toBytes(''), undefined, Buffer.from(text));
              else if (kind === 'work')
                queue.enqueue(
                  account(name),
                  noting(() => log.push(text)),
                );
              else queue.answer(account(worker), account(name), toBytes('x'), undefined, Buffer.from(text));
            });
          });
        });
        while (queue.drain());
        expect(log.length).toBe(asked.reduce((sum, { steps }) => sum + steps.length, 0));
        asked.forEach(({ worker, steps }, request) => {
          // What was worked out for one account stands in one line: an answer before all that was set free there.
          const freed = steps.flatMap(({ kind, at: name }, n) =>
            kind !== 'answer' && name === worker ? [log.indexOf(`${request} ${kind} ${n}`)] : [],
          );
          const answers = steps.flatMap(({ kind }, n) =>
            kind === 'answer' ? [log.indexOf(`${request} answer ${n}`)] : [],
          );
          expect([...answers].sort((a, b) => a - b)).toEqual(answers);
          if (freed.length > 0 && answers.length > 0)
            expect(Math.max(...answers)).toBeLessThan(Math.min(...freed));
        });
      }),
      { numRuns: 100 },
    );
  });

  test('copies the bytes at once, header and payload', () => {
    const world = new World();
    const account = world.account('A');
    const got: string[] = [];
    listen(account, 'x', (message) =>
      got.push(`${message.copyHeader()}|${message.payloadText()}|${message.reply}`),
    );
    const queue = new RunQueue(failed);
    const bytes = Buffer.from('abc');
    queue.emit(account, toBytes('x'), toBytes('r'), bytes, bytes);
    bytes.fill(0x78);
    queue.emit(account, toBytes('x'), toBytes(''), undefined, undefined);
    queue.drain();
    expect(got).toEqual(['abc|abc|r', '||']);
  });

  test('what a request set aside keeps its bytes, though somebody drains in the middle of it', () => {
    const account = new World().account('A');
    const got: string[] = [];
    listen(account, 'x', (message) => got.push(message.payloadText()));
    const queue = new RunQueue(failed);
    const emit = (text: string): void =>
      queue.emit(account, toBytes('x'), toBytes(''), undefined, Buffer.from(text));
    queue.answering(() => {
      emit('first');
      expect(queue.drain(), 'there is more for a later turn').toBe(true);
      emit('other');
    });
    while (queue.drain());
    expect(got).toEqual(['first', 'other']);
  });

  test('what is emitted by a delivery goes through the queue, not the stack', () => {
    const world = new World();
    const account = world.account('A');
    const queue = new RunQueue(failed);
    let depth = 0;
    let deepest = 0;
    let count = 0;
    listen(account, 'loop', () => {
      depth++;
      deepest = Math.max(deepest, depth);
      if (++count < 20_000) queue.emit(account, toBytes('loop'), toBytes(''), undefined, Buffer.from('x'));
      depth--;
    });
    queue.emit(account, toBytes('loop'), toBytes(''), undefined, undefined);
    while (queue.drain());
    expect({ count, deepest }).toEqual({ count: 20_000, deepest: 1 });
  });

  test('bytes of nested emissions stay their own', () => {
    const world = new World();
    const account = world.account('A');
    const queue = new RunQueue(failed);
    const got: string[] = [];
    listen(account, 'first', (message) => {
      const text = message.payloadText();
      queue.emit(account, toBytes('second'), toBytes(''), undefined, Buffer.from(`${text}!`));
      expect(message.payloadText()).toBe(text);
    });
    listen(account, 'second', (message) => got.push(message.payloadText()));
    const sent = Array.from({ length: 400 }, (_, i) => `${i}`.repeat((i % 700) + 1));
    for (const text of sent) queue.emit(account, toBytes('first'), toBytes(''), undefined, Buffer.from(text));
    while (queue.drain());
    expect(got).toEqual(sent.map((text) => `${text}!`));
  });

  test('an account that never ends does not keep another waiting', () => {
    const world = new World();
    const [busy, quiet] = [world.account('A'), world.account('B')];
    const queue = new RunQueue(failed);
    let runs = 0;
    queue.enqueue(busy, { run: () => ++runs < 1e9 });
    let done = false;
    queue.enqueue(
      quiet,
      noting(() => {
        done = true;
      }),
    );
    expect(queue.drain(), 'there is more for the next turn').toBe(true);
    expect(done).toBe(true);
    expect(runs, 'a turn is bounded').toBeLessThan(100_000);
  });

  test('work that waits already is not queued twice, and may be again once it ran', () => {
    const world = new World();
    const account = world.account('A');
    const queue = new RunQueue(failed);
    const log: string[] = [];
    const item = work('a', 1, log);
    queue.enqueue(account, item);
    queue.enqueue(account, item);
    queue.drain();
    expect(log).toHaveLength(1);
    queue.enqueue(account, item);
    queue.drain();
    expect(log).toHaveLength(2);
  });

  test('an error ends its item and nothing else', () => {
    const world = new World();
    const account = world.account('A');
    const errors: unknown[] = [];
    const queue = new RunQueue((error) => errors.push(error));
    let ran = false;
    queue.enqueue(account, { run: () => failed(new Error('broken')) });
    queue.enqueue(
      account,
      noting(() => {
        ran = true;
      }),
    );
    queue.drain();
    expect(ran).toBe(true);
    expect(errors).toHaveLength(1);
  });

  test('everything is done in the end, accounts taking turns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 2_000 })), { maxLength: 12 }),
        (jobs) => {
          const world = new World();
          const accounts = ['A', 'B', 'C', 'D'].map((name) => world.account(name));
          const queue = new RunQueue(failed);
          const done = jobs.map(() => 0);
          jobs.forEach(([which, units], index) => {
            const account = accounts[which];
            if (account === undefined) return;
            queue.enqueue(account, {
              run: (budget) => {
                expect(budget).toBeGreaterThan(0);
                const now = Math.min(budget, units - (done[index] ?? 0));
                done[index] = (done[index] ?? 0) + now;
                return done[index] < units;
              },
            });
          });
          for (let turn = 0; turn < 1_000 && queue.drain(); turn++);
          expect(queue.isEmpty).toBe(true);
          expect(done).toEqual(jobs.map(([, units]) => units));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('clear forgets', () => {
    const world = new World();
    const queue = new RunQueue(failed);
    queue.enqueue(world.account('A'), { run: () => failed(new Error('ran')) });
    queue.clear();
    expect(queue.drain()).toBe(false);
    expect(queue.isEmpty).toBe(true);
  });
});
