import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toText } from '../../src/subjects/index.ts';
import { header, TestEnv } from './support.ts';

export const SECOND = 1e9;
export const BASE = { name: 'M', subjects: ['m.>'], storage: 'memory' } as const satisfies StreamConfigInput;

/** One account with one stream, `M` on `m.>` unless it is told otherwise. */
export class House {
  readonly env = new TestEnv();
  readonly js = new JetStream(this.env, UNLIMITED);
  readonly stream: Stream;

  constructor(input: StreamConfigInput = {}) {
    this.stream = this.js.createStream({ ...BASE, ...input }).stream;
  }

  /** Publishes; `3` when it was stored as the third, `3 again` for a duplicate, else `code/err_code text`. */
  put(subject: string, headers: Record<string, string> = {}, payload = 'x'): string {
    const fields = Object.entries(headers);
    const answer = this.env.request(subject, payload, fields.length === 0 ? '' : header(...fields)) as {
      seq: number;
      duplicate?: boolean;
      error?: { code: number; err_code: number; description: string };
    };
    const { error } = answer;
    if (error !== undefined) return `${error.code}/${error.err_code} ${error.description}`;
    return `${answer.seq}${answer.duplicate === true ? ' again' : ''}`;
  }

  update(input: StreamConfigInput): void {
    this.js.updateStream(this.stream.name, { ...BASE, ...input });
  }

  /** What the stream holds: `seq subject {header lines} payload`. */
  held(): string[] {
    const { store } = this.stream;
    const all: string[] = [];
    for (let seq = store.next(0, undefined); seq !== 0; seq = store.next(seq + 1, undefined)) {
      const message = store.copy(seq);
      if (message === undefined) continue;
      const lines = message.header.latin1Slice().split('\r\n').slice(1, -2).join(', ');
      all.push(`${seq} ${toText(message.subject)} {${lines}} ${message.payload.latin1Slice()}`.trimEnd());
    }
    return all;
  }
}

/** What a configuration is refused with, or `ok`. */
export function verdict(input: StreamConfigInput, pedantic = false): string {
  const env = new TestEnv();
  try {
    new JetStream(env, UNLIMITED).createStream({ ...BASE, ...input }, pedantic);
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}
