import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import { FOR_EVER, readTimeToLive } from '../../src/jetstream/publish/time-to-live.ts';
import { Expiries } from '../../src/jetstream/store/expiries.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { header, TestEnv, TestMemory } from './support.ts';

const SECOND = 1e9;
const BASE = { name: 'P', subjects: ['p.>'], storage: 'memory' } as const satisfies StreamConfigInput;

interface House {
  readonly env: TestEnv;
  readonly js: JetStream;
  readonly stream: Stream;
}

function withStream(input: StreamConfigInput = {}): House {
  const env = new TestEnv();
  const js = new JetStream(env, UNLIMITED);
  const { stream } = js.createStream({ ...BASE, allow_msg_ttl: true, ...input });
  return { env, js, stream };
}

/** Publishes with a time to live; returns `ok` or the error code of the answer. */
function put(env: TestEnv, ttl: string | undefined, subject = 'p.a'): string {
  const block = ttl === undefined ? '' : header(['Nats-TTL', ttl]);
  const answer = env.request(subject, 'x', block) as { error?: { err_code: number } };
  env.take();
  return answer.error === undefined ? 'ok' : String(answer.error.err_code);
}

function live({ store }: Stream): number[] {
  const found: number[] = [];
  for (let seq = store.next(0, undefined); seq !== 0; seq = store.next(seq + 1, undefined)) found.push(seq);
  return found;
}

function updateError({ js, stream }: House, input: StreamConfigInput): string {
  try {
    js.updateStream(stream.name, { ...BASE, ...input });
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('Nats-TTL', () => {
  // What 2.14.5 answers, and how long the message lives: seconds, rounded down.
  it.each([
    ['never', FOR_EVER],
    ['Never', FOR_EVER],
    ['NEVER', FOR_EVER],
    ['1', 1],
    ['007', 7],
    ['1s', 1],
    ['+1s', 1],
    ['1000ms', 1],
    ['1000000us', 1],
    ['1000000µs', 1],
    ['1500ms', 1],
    ['1999ms', 1],
    ['1.5s', 1],
    ['1m30s', 90],
    ['.5h', 1800],
    ['2562047h47m', 9_223_372_020],
    ['9223372036854775807', 2 ** 63],
  ])('reads %j as %d s', (text, seconds) => {
    expect(readTimeToLive(toBytes(text))).toBe(seconds);
    expect(put(withStream().env, toBytes(text))).toBe('ok');
  });

  it.each(
    '0|-1|999ms|1.5|abc|5 |2562047h48m|+5|-1s|0s|-0|3000000000h|1ns|1d|1e3|9223372036854775808|1_000|0x10|-1h|never |s|1s1|1 s'.split(
      '|',
    ),
  )('refuses %j', (text) => {
    expect(put(withStream().env, text)).toBe('10165');
    expect(put(withStream({ allow_msg_ttl: false }).env, text)).toBe('10165');
  });

  it.each(['never', '1', '1500ms'])('is refused with its own error where it is not allowed: %j', (text) => {
    expect(put(withStream().env, text)).toBe('ok');
    expect(put(withStream({ allow_msg_ttl: false }).env, text)).toBe('10166');
  });

  it('counts as absent when it is empty', () => {
    expect(put(withStream().env, '')).toBe('ok');
    expect(put(withStream({ allow_msg_ttl: false }).env, '')).toBe('ok');
  });
});

describe('a message with a time to live', () => {
  it('goes exactly when it ends, whatever lies before it', () => {
    const { env, stream } = withStream();
    for (const ttl of [undefined, '4', '1900ms', '2', 'never']) put(env, ttl);
    env.advance(999);
    expect(live(stream)).toEqual([1, 2, 3, 4, 5]);
    env.advance(1);
    expect(live(stream)).toEqual([1, 2, 4, 5]);
    env.advance(1000);
    expect(live(stream)).toEqual([1, 2, 5]);
    env.advance(1999);
    expect(live(stream)).toEqual([1, 2, 5]);
    env.advance(1);
    expect(live(stream)).toEqual([1, 5]);
    env.advance(1e12);
    expect(live(stream)).toEqual([1, 5]);
  });

  it('goes earlier when max_age says so, and never when it lives for ever', () => {
    const { env, stream } = withStream({ max_age: 2 * SECOND });
    for (const ttl of ['never', undefined, '4', '1', 'never', undefined]) put(env, ttl);
    env.advance(1000);
    expect(live(stream)).toEqual([1, 2, 3, 5, 6]);
    env.advance(1000);
    expect(live(stream)).toEqual([1, 5]);
    put(env, undefined);
    env.advance(2000);
    expect(live(stream)).toEqual([1, 5]);
  });

  it('goes from a sealed stream too', () => {
    const house = withStream();
    put(house.env, '2');
    put(house.env, undefined);
    expect(updateError(house, { allow_msg_ttl: true, sealed: true })).toBe('ok');
    house.env.advance(2000);
    expect(live(house.stream)).toEqual([2]);
  });

  it('is not confused with a later one when it went otherwise', () => {
    const { env, stream } = withStream({ max_msgs_per_subject: 1 });
    put(env, '2');
    env.advance(1000);
    put(env, '2');
    env.advance(1000);
    expect(live(stream)).toEqual([2]);
    stream.deleteMessage(2, true);
    put(env, undefined);
    env.advance(5000);
    expect(live(stream)).toEqual([3]);
  });

  it('does not outlive a purge in memory', () => {
    const { env, stream } = withStream();
    const before = env.memory.used;
    for (let i = 0; i < 1000; i++) put(env, '1h', `p.${i}`);
    expect(stream.expiries.size).toBe(1000);
    const work = stream.purge({ filter: toBytes('p.>'), keep: 1 });
    while (!work.step(10));
    expect(stream.expiries.size).toBeLessThan(70);
    stream.clear(0);
    expect(stream.expiries.size).toBe(0);
    expect(env.memory.used - before).toBeLessThan(100_000);
    put(env, undefined);
    env.advance(3_600_000);
    expect(stream.store.messages).toBe(1);
  });

  it('leaves few entries behind when it is replaced again and again', () => {
    const { env, stream } = withStream({ max_msgs_per_subject: 1 });
    for (let i = 0; i < 2000; i++) put(env, '1h');
    expect(stream.expiries.size).toBeLessThan(70);
  });

  it('is refused, and nothing stored, when its end can not be remembered', () => {
    const { env, stream } = withStream();
    put(env, undefined);
    env.memory.limit = env.memory.used;
    expect(put(env, '1h')).toBe('10023');
    expect(put(env, undefined)).toBe('ok');
    expect(live(stream)).toEqual([1, 2]);
  });

  it('expires in slices', () => {
    const { env, stream } = withStream();
    for (let i = 0; i < 600; i++) put(env, '1');
    env.clock.ms += 1000;
    env.scheduler.runDue();
    env.drain(100);
    expect(stream.store.messages).toBe(0);
    expect(env.scheduler.nextDue()).toBe(undefined);
  });
});

describe('allow_msg_ttl', () => {
  it('can be turned on by an update, and never off', () => {
    const house = withStream({ allow_msg_ttl: false });
    expect(house.stream.config.metadata).toEqual({ '_nats.req.level': '0' });
    expect(put(house.env, '1')).toBe('10166');
    expect(updateError(house, { allow_msg_ttl: true })).toBe('ok');
    expect(house.stream.config.metadata).toEqual({ '_nats.req.level': '1' });
    expect(put(house.env, '1')).toBe('ok');
    expect(updateError(house, {})).toBe('message TTL status can not be disabled');
    expect(updateError(house, { storage: 'file' })).toMatch(/change storage type$/);
    expect(house.stream.config.allow_msg_ttl).toBe(true);
  });

  it.each([
    [{ deny_purge: true }, { deny_purge: false }, /cancel deny purge$/],
    [{ storage: 'file' }, { storage: 'file', persist_mode: 'async' }, /TTL status can not be disabled$/],
  ] as const)('is asked about in the order of 2.14.5: %j, %j', (before, after, error) => {
    expect(updateError(withStream(before), after)).toMatch(error);
  });

  it('restarts the timer when an update changes the age', () => {
    const house = withStream();
    const { env, stream } = house;
    for (const ttl of ['5', undefined, 'never']) put(env, ttl);
    expect(updateError(house, { allow_msg_ttl: true, max_age: SECOND, duplicate_window: SECOND })).toBe('ok');
    env.advance(500);
    expect(updateError(house, { allow_msg_ttl: true })).toBe('ok');
    env.advance(4499);
    expect(live(stream)).toEqual([1, 2, 3]);
    env.advance(1);
    expect(live(stream)).toEqual([2, 3]);
    expect(updateError(house, { allow_msg_ttl: true, max_age: SECOND, duplicate_window: SECOND })).toBe('ok');
    env.advance(1);
    expect(live(stream)).toEqual([3]);
  });
});

interface Kept {
  readonly seq: number;
  readonly due: number;
}

type Command =
  | { do: 'put'; ttl: number | undefined; subject: string }
  | { do: 'advance'; ms: number }
  | { do: 'delete'; seq: number }
  | { do: 'purge' }
  | { do: 'age'; seconds: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      ttl: fc.constantFrom(undefined, 1, 2, 3, 5, FOR_EVER),
      subject: fc.constantFrom('p.a', 'p.b'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 2500 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delete' as const), seq: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('age' as const), seconds: fc.constantFrom(0, 1, 2, 4) }),
  },
);

/** Messages as an array: when each was put, and how long it may live. */
class Model {
  kept: { seq: number; at: number; ttl: number | undefined; subject: string }[] = [];
  last = 0;
  age = 0;

  put(at: number, ttl: number | undefined, subject: string): void {
    this.kept.push({ seq: ++this.last, at, ttl, subject });
  }

  expire(now: number): void {
    this.kept = this.kept.filter(({ at, ttl }) => {
      if (ttl === FOR_EVER) return true;
      const ends = [ttl, this.age === 0 ? undefined : this.age].filter((one) => one !== undefined);
      return ends.every((seconds) => at + seconds * 1000 > now);
    });
  }
}

function runOn({ env, js, stream }: House, model: Model, step: Command): void {
  if (step.do === 'put') {
    const text = step.ttl === FOR_EVER ? 'never' : step.ttl?.toString();
    expect(put(env, text, step.subject)).toBe('ok');
    model.put(env.clock.ms, step.ttl, step.subject);
  } else if (step.do === 'advance') {
    env.advance(step.ms);
  } else if (step.do === 'delete') {
    stream.remove(step.seq, false);
    model.kept = model.kept.filter(({ seq }) => seq !== step.seq);
  } else if (step.do === 'purge') {
    const work = stream.purge({ filter: toBytes('p.a') });
    while (!work.step(3));
    model.kept = model.kept.filter(({ subject }) => subject !== 'p.a');
  } else {
    const window = { duplicate_window: SECOND };
    js.updateStream(stream.name, { ...BASE, ...window, allow_msg_ttl: true, max_age: step.seconds * SECOND });
    model.age = step.seconds;
    env.advance(0);
  }
  model.expire(env.clock.ms);
}

describe('expiry', () => {
  it('keeps what an array with a due time each keeps', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (steps) => {
        const house = withStream();
        const model = new Model();
        for (const step of steps) {
          runOn(house, model, step);
          expect(live(house.stream)).toEqual(model.kept.map(({ seq }) => seq));
        }
        house.js.deleteAll();
        expect(house.env.memory.used).toBe(0);
        expect(house.env.scheduler.nextDue()).toBe(undefined);
      }),
    );
  });

  it('takes entries in the order of time, then of sequence, and drops those of messages that went', () => {
    const entry = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
        const memory = new TestMemory();
        const stored = new Map<number, Kept>();
        const store = {
          has: (seq: number) => stored.has(seq),
          get messages() {
            return stored.size;
          },
        };
        const expiries = new Expiries(memory, store);
        for (const [at, [due, stays]] of entries.entries()) {
          expect(expiries.reserve()).toBe(true);
          expiries.add(at, due);
          if (stays) stored.set(at, { seq: at, due });
          expiries.tidy();
          expect(expiries.size).toBeLessThanOrEqual(2 * stored.size + 64);
        }
        const taken: number[] = [];
        while (expiries.size > 0) taken.push(expiries.takeFirst());
        const expected = [...stored.values()].sort((a, b) => a.due - b.due || a.seq - b.seq);
        expect(taken.filter((seq) => stored.has(seq))).toEqual(expected.map(({ seq }) => seq));
        expiries.clear();
        expect(memory.used).toBe(0);
      }),
    );
  });
});
