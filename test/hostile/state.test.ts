import { describe, expect, test } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { Account, loadInto, saved } from '../jetstream/fixtures-support.ts';
import { backupOf, reframed, restore, unframed } from '../jetstream/restore-support.ts';
import { header } from '../jetstream/support.ts';

const CONFIG: StreamConfigInput = {
  name: 'S',
  subjects: ['s.>', 't'],
  storage: 'file',
  allow_msg_schedules: true,
};

/** An account with the stream `S`. */
function account(more: StreamConfigInput = {}): Account {
  const made = new Account();
  made.jetstream.createStream({ ...CONFIG, ...more });
  return made;
}

/** Bytes with another text of the same length in the place of one; wherever it stands. */
function forged(bytes: Buffer, from: string, to: string): Buffer {
  expect(to).toHaveLength(from.length);
  expect(bytes.includes(from, 0, 'latin1')).toBe(true);
  return Buffer.from(bytes.latin1Slice().replaceAll(from, to), 'latin1');
}

/** What comes of a backup that somebody changed, and made whole again. */
function restoredAs(from: Account, change: (data: Buffer) => Buffer): { to: Account; outcome: string } {
  const to = new Account();
  const outcome = restore(to, CONFIG, reframed(change(unframed(backupOf(from)))));
  return { to, outcome };
}

describe('names in bytes that somebody made up', () => {
  const named = (): Account => {
    const made = account();
    createConsumer(made.stream, { name: 'consumer', ack_policy: 'explicit' }, '', false);
    return made;
  };

  test.each(['con umer', 'con.umer', 'con>umer', 'con\numer'])('a consumer is not restored as %j', (name) => {
    // The name stands in a part of its own, with its length before it; the configuration keeps the one it had.
    const change = (data: Buffer): Buffer =>
      forged(data, '\u0008\u0000\u0000\u0000consumer', `\u0008\u0000\u0000\u0000${name}`);
    const { to, outcome } = restoredAs(named(), change);
    expect(outcome).not.toBe('restored');
    expect(to.jetstream.streams.size).toBe(0);
    expect(to.env.memory.used).toBe(0);
    const fixture = change(saved(named().jetstream));
    const other = account();
    expect(() => loadInto(other.jetstream, fixture)).toThrow(/consumer/i);
    expect(other.jetstream.streams.size).toBe(1);
  });

  test.each([
    ['"name":"S"', '"name":" "'],
    ['"s.>"', '"s. "'],
    ['"max_age":0', '"max_age":7'],
  ])('a stream is not loaded with %s as %s', (from, to) => {
    const other = account();
    expect(() => loadInto(other.jetstream, forged(saved(account().jetstream), from, to))).toThrow(
      /the state/,
    );
    expect(other.consumers()).toEqual([]);
  });

  test('a consumer that delivers to a line of the protocol is not loaded', () => {
    const made = account();
    createConsumer(made.stream, { name: 'p', deliver_subject: 'to.x.1' }, '', false);
    const bytes = forged(saved(made.jetstream), '"to.x.1"', '"to x 1"');
    expect(() => loadInto(account().jetstream, bytes)).toThrow(/delivers/);
  });
});

describe('schedules in bytes that somebody made up', () => {
  const scheduled = (): Account => {
    const made = account();
    const block = header(['Nats-Schedule', '@every 1s'], ['Nats-Schedule-Target', 's.tgt']);
    made.env.publish('t', 'x', { header: block });
    made.env.drain();
    return made;
  };
  const subjects = ({ stream }: Account): string[] => [...stream.store.subjects()].map(([one]) => one);
  const wait = ({ env }: Account, seconds: number): void => {
    for (let i = 0; i < seconds; i++) {
      env.advance(1000);
      env.drain();
    }
  };

  test('are sent as they were', () => {
    const { to, outcome } = restoredAs(scheduled(), (data) => data);
    wait(to, 2);
    expect([outcome, subjects(to).sort()]).toEqual(['restored', ['s.tgt', 't']]);
  });

  test('send nothing to what is no subject', () => {
    const { to, outcome } = restoredAs(scheduled(), (data) => forged(data, 's.tgt', 's 1 2'));
    wait(to, 2);
    expect([outcome, subjects(to)]).toEqual(['restored', ['t']]);
  });

  test('are not sent twice because they stand there twice', () => {
    const made = scheduled();
    made.stream.schedules.due.add(1, made.env.clock.ms + 500);
    const other = made.copy();
    wait(other, 3);
    expect(other.stream.store.countOnSubject('s.tgt' as never)).toBeLessThanOrEqual(3);
  });
});
