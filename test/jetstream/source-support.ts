import { JetStream } from '../../src/jetstream/jetstream.ts';
import { type JetStreamLimits, UNLIMITED } from '../../src/jetstream/limits.ts';
import { finish } from '../../src/jetstream/sliced.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { header, TestEnv } from './support.ts';

/** Streams of one account that take from each other. */
export class SourceWorld {
  readonly env = new TestEnv();
  readonly js: JetStream;

  constructor(limits: Partial<JetStreamLimits> = {}) {
    this.js = new JetStream(this.env, { ...UNLIMITED, ...limits });
  }

  make(name: string, config: StreamConfigInput = {}): Stream {
    const { stream } = this.js.createStream({ name, storage: 'memory', ...config });
    this.env.drain();
    return stream;
  }

  update(name: string, config: StreamConfigInput): Stream {
    const stream = this.js.updateStream(toBytes(name), { name, storage: 'memory', ...config });
    this.env.drain();
    return stream;
  }

  delete(name: string): void {
    this.js.deleteStream(toBytes(name));
    this.env.drain();
  }

  remove(name: string, ...seqs: number[]): void {
    for (const seq of seqs) this.js.stream(toBytes(name)).deleteMessage(seq, false);
  }

  purge(name: string): void {
    finish(this.js.stream(toBytes(name)).purge());
    this.env.drain();
  }

  publish(subject: string, payload = '', headers: Record<string, string> = {}): void {
    const block = Object.keys(headers).length === 0 ? '' : header(...Object.entries(headers));
    this.env.publish(subject, payload, { header: block });
    this.env.drain();
  }

  /** What a stream holds: `seq subject payload`. */
  contents(name: string): string[] {
    const { store } = this.js.stream(toBytes(name));
    const found: string[] = [];
    for (let seq = store.next(1, undefined); seq !== 0; seq = store.next(seq + 1, undefined)) {
      const message = store.copy(seq);
      if (message !== undefined)
        found.push(`${seq} ${message.subject} ${message.payload.latin1Slice()}`.trim());
    }
    return found;
  }

  /** The header lines of one message. */
  headers(name: string, seq: number): string[] {
    const block = this.js.stream(toBytes(name)).store.copy(seq)?.header.latin1Slice() ?? '';
    return block.split('\r\n').filter((line) => line !== '');
  }

  /** The value of `Nats-Stream-Source` of every message. */
  origins(name: string): string[] {
    const { store } = this.js.stream(toBytes(name));
    const lines: string[] = [];
    for (let seq = store.next(1, undefined); seq !== 0; seq = store.next(seq + 1, undefined)) {
      const line = this.headers(name, seq).find((one) => one.startsWith('Nats-Stream-Source: '));
      lines.push(line?.slice('Nats-Stream-Source: '.length) ?? '');
    }
    return lines;
  }
}

/** `o.0`, `o.1`, `o.2`, `o.0` … with their number as text. */
export function publishMany(world: SourceWorld, count: number): void {
  for (let i = 0; i < count; i++) world.publish(`o.${i % 3}`, `m${i + 1}`);
}
