import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../src/jetstream/consumer/consumer.ts';
import type { StreamConsumer } from '../../src/jetstream/consumer/stream-consumer.ts';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import { filterOf, type SubjectFilter } from '../../src/jetstream/store/filter.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { header, TestEnv } from './support.ts';

/** A consumer that needs every message of one subject until told otherwise. */
class Reader implements StreamConsumer {
  readonly name: ByteString;
  readonly config = {};
  readonly told: string[] = [];
  readonly done = new Set<number>();
  readonly filter: SubjectFilter;
  readonly listener = this;

  constructor(name: string, filter: string) {
    this.name = toBytes(name);
    this.filter = filterOf(toBytes(filter));
  }

  onStored(seq: number, subject: ByteString): boolean {
    this.told.push(`stored ${seq} ${subject}`);
    return true;
  }

  rest(): boolean {
    throw new Error('this reader never rests');
  }

  onRemoved(seq: number, subject: ByteString): boolean {
    this.told.push(`removed ${seq} ${subject}`);
    return true;
  }

  onPurged(firstSeq: number): void {
    this.told.push(`purged to ${firstSeq}`);
  }

  needs(seq: number, subject: ByteString): boolean {
    return this.filter.matches(subject) && !this.done.has(seq);
  }

  close(): void {
    this.told.push('closed');
  }
}

function withReaders(
  input: StreamConfigInput,
  ...filters: string[]
): { env: TestEnv; js: JetStream; stream: Stream; readers: Reader[] } {
  const env = new TestEnv();
  const js = new JetStream(env, UNLIMITED);
  const { stream } = js.createStream({ name: 'P', subjects: ['p.>'], storage: 'memory', ...input });
  const readers = filters.map((filter, at) => new Reader(`c${at}`, filter));
  for (const reader of readers) stream.addConsumer(asConsumer(reader));
  return { env, js, stream, readers };
}

/** The stream uses of a consumer its name, its end and what hears for it, a {@link StreamConsumer}. */
function asConsumer(reader: Reader): Consumer {
  return reader as unknown as Consumer;
}

function acknowledge(stream: Stream, reader: Reader, seq: number): void {
  reader.done.add(seq);
  stream.acknowledged(asConsumer(reader), seq);
}

function live(stream: Stream): number[] {
  const found: number[] = [];
  for (let seq = stream.store.next(0, undefined); seq !== 0; seq = stream.store.next(seq + 1, undefined)) {
    found.push(seq);
  }
  return found;
}

describe('retention', () => {
  it('by limits keeps what is acknowledged', () => {
    const { env, stream, readers } = withReaders({}, 'p.>');
    env.publish('p.a');
    acknowledge(stream, readers[0] as Reader, 1);
    expect(live(stream)).toEqual([1]);
  });

  it('as a work queue drops what is acknowledged', () => {
    const { env, stream, readers } = withReaders({ retention: 'workqueue' }, 'p.a', 'p.b');
    for (const subject of ['p.a', 'p.b', 'p.c']) env.publish(subject);
    acknowledge(stream, readers[0] as Reader, 1);
    expect(live(stream)).toEqual([2, 3]);
  });

  it('by interest drops what every interested consumer has acknowledged', () => {
    const { env, stream, readers } = withReaders({ retention: 'interest' }, 'p.>', 'p.a');
    const [wide, narrow] = readers as [Reader, Reader];
    for (const subject of ['p.a', 'p.b']) env.publish(subject);
    acknowledge(stream, wide, 1);
    expect(live(stream)).toEqual([1, 2]);
    acknowledge(stream, narrow, 1);
    expect(live(stream)).toEqual([2]);
    acknowledge(stream, wide, 2);
    expect(live(stream)).toEqual([]);
  });

  it('by interest stores only what some consumer wants', () => {
    const { env, stream, readers } = withReaders({ retention: 'interest' }, 'p.a');
    for (const subject of ['p.b', 'p.a', 'p.c']) env.publish(subject);
    expect(live(stream)).toEqual([2]);
    expect(stream.store.lastSeq).toBe(3);
    expect(readers[0]?.told).toEqual(['stored 2 p.a']);
  });

  it('by interest drops what only a deleted consumer wanted', () => {
    const { env, stream, readers } = withReaders({ retention: 'interest' }, 'p.a', 'p.b');
    for (let i = 0; i < 600; i++) env.publish(i % 2 === 0 ? 'p.a' : 'p.b');
    stream.deleteConsumer(toBytes('c0'));
    expect(readers[0]?.told.at(-1)).toBe('closed');
    env.drain();
    expect(stream.store.messages).toBe(300);
    stream.deleteConsumer(toBytes('c1'));
    env.drain();
    expect(stream.store.messages).toBe(0);
  });

  it('sweeps when an update turns a stream to interest', () => {
    const { env, js, stream } = withReaders({}, 'p.a');
    for (const subject of ['p.a', 'p.b']) env.publish(subject);
    js.updateStream(stream.name, { subjects: ['p.>'], storage: 'memory', retention: 'interest' });
    env.drain();
    expect(live(stream)).toEqual([1]);
  });

  it('tells consumers what came to the end of its own time', () => {
    const { env, readers } = withReaders({ allow_msg_ttl: true }, 'p.>');
    env.publish('p.a', '', { header: header(['Nats-TTL', '1s']) });
    env.advance(1000);
    expect(readers[0]?.told).toEqual(['stored 1 p.a', 'removed 1 p.a']);
  });

  it('tells consumers what goes', () => {
    const { env, stream, readers } = withReaders({ max_msgs: 2, max_age: 1e9 }, 'p.>');
    const told = readers[0]?.told as string[];
    for (let i = 0; i < 3; i++) env.publish('p.a');
    expect(told.splice(0)).toEqual(['stored 1 p.a', 'stored 2 p.a', 'stored 3 p.a', 'removed 1 p.a']);
    stream.deleteMessage(2, false);
    expect(told.splice(0)).toEqual(['removed 2 p.a']);
    env.advance(1000);
    expect(told.splice(0)).toEqual(['removed 3 p.a']);
    env.publish('p.a');
    told.length = 0;
    const work = stream.purge();
    while (!work.step(10));
    expect(told).toEqual(['purged to 5']);
  });
});
