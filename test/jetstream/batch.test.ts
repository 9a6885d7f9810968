import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { header, TestEnv } from './support.ts';

const TIMEOUT_MS = 10_000;

let env: TestEnv;
let stream: Stream;

function open(config: StreamConfigInput = {}): void {
  env = new TestEnv();
  const js = new JetStream(env, UNLIMITED);
  ({ stream } = js.createStream({
    name: 'P',
    subjects: ['p.>'],
    storage: 'memory',
    allow_atomic: true,
    allow_batched: true,
    ...config,
  }));
}

/** Publishes one message of an atomic batch. @returns the text of the answer. */
function part(id: string, sequence: number, commit?: string, more: [string, string][] = []): string {
  const reply = `_INBOX.${env.seen.length}`;
  const lines: [string, string][] = [
    ['Nats-Batch-Id', id],
    ['Nats-Batch-Sequence', String(sequence)],
  ];
  if (commit !== undefined) lines.push(['Nats-Batch-Commit', commit]);
  env.publish(`p.${sequence}`, 'x', { reply, header: header(...lines, ...more) });
  env.drain();
  return env.seen.findLast((one) => one.subject === reply)?.payload ?? 'nothing';
}

function code(answer: string): number {
  return (JSON.parse(answer) as { error?: { err_code: number } }).error?.err_code ?? 0;
}

function reasons(): unknown[] {
  return env.advisories
    .filter(({ subject }) => subject.includes('BATCH_ABANDONED'))
    .map(({ body }) => body['reason']);
}

beforeEach(() => open());

describe('atomic batches', () => {
  it('store all messages at the commit, and nothing before', () => {
    expect([part('b', 1), part('b', 2)]).toEqual(['', '']);
    expect(stream.state().messages).toBe(0);
    expect(part('b', 3, '1')).toBe('{"stream":"P","seq":3,"batch":"b","count":3}');
    expect(stream.state().messages).toBe(3);
  });

  it('give back what waiting took, however they end', () => {
    const before = env.memory.used;
    for (const end of [() => part('b', 5), () => part('b', 2, 'x'), () => env.advance(TIMEOUT_MS)]) {
      part('b', 1);
      expect(env.memory.used).toBeGreaterThan(before);
      end();
      expect(env.memory.used).toBe(before);
    }
    expect(reasons()).toEqual(['incomplete', 'timeout']);
  });

  it('are abandoned ten seconds after their last message, not their first', () => {
    part('b', 1);
    env.advance(TIMEOUT_MS - 1);
    part('b', 2);
    env.advance(TIMEOUT_MS - 1);
    expect(code(part('b', 3, '1'))).toBe(0);
    part('c', 1);
    env.advance(TIMEOUT_MS);
    expect(code(part('c', 2, '1'))).toBe(10_176);
    expect(reasons()).toEqual(['timeout']);
  });

  it('are 50 at a time on one stream', () => {
    for (let at = 0; at < 50; at++) expect(part(`b${at}`, 1)).toBe('');
    expect(code(part('more', 1))).toBe(10_210);
    expect(code(part('b0', 2, '1'))).toBe(0);
    expect(part('more', 1)).toBe('');
  });

  it('have 1,000 messages at most', () => {
    for (let at = 1; at <= 1000; at++) part('b', at);
    expect(code(part('b', 1001))).toBe(10_199);
    expect(reasons()).toEqual(['large']);
  });

  it('refuse to wait when there is no memory, and leave nothing behind', () => {
    const { used } = env.memory;
    env.memory.limit = used + 1100;
    expect(code(part('b', 1))).toBe(10_023);
    expect(env.memory.used).toBe(used);
  });

  it('store nothing when memory might not suffice for all', () => {
    part('b', 1);
    env.memory.limit = env.memory.used + 10_000;
    expect(code(part('b', 2, '1'))).toBe(10_023);
    expect(stream.state()).toMatchObject({ messages: 0, last_seq: 0 });
  });

  it('end without a word with the stream or when it takes none any more', () => {
    part('b', 1);
    stream.jetstream.updateStream(stream.name, { subjects: ['p.>'], storage: 'memory' });
    expect(code(part('b', 2, '1'))).toBe(10_174);
    stream.jetstream.deleteStream(stream.name);
    expect([env.memory.used, reasons()]).toEqual([0, []]);
  });

  it('store all or none, whatever they ask', () => {
    const ask = fc.constantFrom<[string, string][]>(
      [],
      [['Nats-Msg-Id', 'a']],
      [['Nats-Msg-Id', 'b']],
      [['Nats-Expected-Last-Sequence', '0']],
      [['Nats-Expected-Last-Subject-Sequence', '0']],
      [['Nats-Expected-Stream', 'P']],
      [['Nats-Rollup', 'sub']],
      [['Nats-TTL', '5']],
    );
    const batches = fc.array(fc.array(ask, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(batches, fc.boolean(), (asked, full) => {
        open({ allow_rollup_hdrs: true, ...(full ? { discard: 'new', max_msgs: 5 } : {}) });
        for (const [number, asks] of asked.entries()) {
          const { last_seq: before } = stream.state();
          const answers = asks.map((more, at) =>
            part(`b${number}`, at + 1, at === asks.length - 1 ? '1' : undefined, more),
          );
          const stored = code(answers.at(-1) ?? '') === 0 ? asks.length : 0;
          expect(stream.state().last_seq).toBe(before + stored);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('fast batches', () => {
  function send(sequence: number, operation: number, gap = 'ok', flow = 2): string[] {
    const reply = `_INBOX.u.${flow}.${gap}.${sequence}.${operation}.$FI`;
    env.take();
    env.publish('p.1', 'x', { reply });
    env.drain();
    return env.take('_INBOX.').map(({ payload }) => payload);
  }

  it('acknowledge as many messages as their publisher asks', () => {
    expect(send(1, 0)).toEqual(['{"type":"ack","seq":0,"msgs":2}']);
    expect(send(2, 1)).toEqual(['{"type":"ack","seq":2,"msgs":2}']);
    expect(send(3, 1)).toEqual([]);
    expect(send(4, 2)).toEqual(['{"stream":"P","seq":4,"batch":"u","count":4}']);
  });

  it('are forgotten ten seconds after their last message; what was stored stays', () => {
    send(1, 0);
    env.advance(TIMEOUT_MS - 1);
    send(1, 4);
    env.advance(TIMEOUT_MS - 1);
    expect(send(2, 1)).toHaveLength(1);
    env.advance(TIMEOUT_MS);
    expect(code(send(3, 1)[0] ?? '')).toBe(10_208);
    expect([stream.state().messages, reasons()]).toEqual([2, []]);
  });

  it('count every message once, whatever is missing or said twice', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(steps, fc.constantFrom('ok', 'fail'), (said, gap) => {
        open();
        const { used } = env.memory;
        for (const [sequence, operation] of said) {
          const { messages } = stream.state();
          const answers = send(sequence, operation, gap);
          const stored = stream.state().messages - messages;
          expect(stored).toBeLessThanOrEqual(1);
          if (answers.some((answer) => answer.startsWith('{"error"'))) expect(stored).toBe(0);
        }
        env.advance(TIMEOUT_MS);
        stream.clear(0);
        expect(env.memory.used).toBeLessThanOrEqual(used + 64 * 1024);
      }),
      { numRuns: 60 },
    );
  });
});
