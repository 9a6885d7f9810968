import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import { JsError } from '../../src/jetstream/errors.ts';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { consumersAllowed, type JetStreamLimits, UNLIMITED } from '../../src/jetstream/limits.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { TestEnv } from './support.ts';

const LIMITS: JetStreamLimits = {
  ...UNLIMITED,
  maxMemory: 1000,
  maxStorage: 1500,
  maxStreams: 3,
  maxConsumers: 2,
  memoryMaxStreamBytes: 600,
};

/** What an account may be asked to do; what is refused is refused with an error of the API. */
type Request =
  | { readonly kind: 'create' | 'update'; readonly config: StreamConfigInput & { name: string } }
  | { readonly kind: 'delete' | 'purge'; readonly name: string }
  | { readonly kind: 'consumer'; readonly name: string; readonly consumer: string }
  | { readonly kind: 'publish' | 'batch'; readonly name: string; readonly size: number };

const name = fc.constantFrom('A', 'B', 'C', 'D');
const config = fc.record(
  {
    name,
    storage: fc.constantFrom('memory' as const, 'file' as const),
    max_bytes: fc.constantFrom(-1, 0, 200, 500, 600, 700, 1500),
    max_consumers: fc.constantFrom(-1, 1, 2, 3),
    discard: fc.constantFrom('old' as const, 'new' as const),
    allow_atomic: fc.constant(true),
  },
  { requiredKeys: ['name', 'storage', 'allow_atomic'] },
);
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.record({ kind: fc.constantFrom('create' as const, 'update' as const), config }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'purge' as const), name }),
  fc.record({ kind: fc.constant('consumer' as const), name, consumer: fc.constantFrom('x', 'y', 'z') }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('publish' as const, 'batch' as const),
      name,
      size: fc.integer({ min: 0, max: 400 }),
    }),
  },
);

function act(js: JetStream, env: TestEnv, asked: Request, at: number): void {
  if (asked.kind === 'create') js.createStream(asked.config);
  else if (asked.kind === 'update') js.updateStream(toBytes(asked.config.name), asked.config);
  else if (asked.kind === 'delete') js.deleteStream(toBytes(asked.name));
  else if (asked.kind === 'purge') js.stream(toBytes(asked.name)).clear(0);
  else if (asked.kind === 'publish') env.publish(asked.name, 'x'.repeat(asked.size));
  else if (asked.kind === 'batch') sendBatch(env, asked.name, asked.size, at);
  else if (asked.kind === 'consumer') {
    const config = { name: asked.consumer, durable_name: asked.consumer, ack_policy: 'explicit' as const };
    createConsumer(js.stream(toBytes(asked.name)), config, '', false);
  }
  env.drain();
}

function sendBatch(env: TestEnv, subject: string, size: number, id: number): void {
  for (const [sequence, commit] of [
    [1, ''],
    [2, 'Nats-Batch-Commit: 1\r\n'],
  ] as const) {
    const header = `NATS/1.0\r\nNats-Batch-Id: ${id}\r\nNats-Batch-Sequence: ${sequence}\r\n${commit}\r\n`;
    env.publish(subject, 'x'.repeat(size), { header });
  }
}

it('no sequence of requests makes an account exceed its limits, and what it is told adds up', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 40 }), (asked) => {
      const env = new TestEnv();
      const js = new JetStream(env, LIMITS);
      for (const [at, one] of asked.entries()) {
        try {
          act(js, env, one, at);
        } catch (error) {
          expect(error).toBeInstanceOf(JsError);
        }
        check(js);
      }
      js.deleteAll();
      expect(js.usage()).toMatchObject({
        memory: 0,
        storage: 0,
        reservedMemory: 0,
        reservedStorage: 0,
        streams: 0,
      });
    }),
    { numRuns: 150 },
  );
});

function check(js: JetStream): void {
  const used = js.usage();
  const held = (storage: string): number =>
    [...js.streams.values()].reduce(
      (sum, { config: c, store }) => sum + (c.storage === storage ? store.bytes : 0),
      0,
    );
  expect([used.memory, used.storage]).toEqual([held('memory'), held('file')]);
  expect(used.memory).toBeLessThanOrEqual(LIMITS.maxMemory);
  expect(used.storage).toBeLessThanOrEqual(LIMITS.maxStorage);
  expect(used.reservedMemory).toBeLessThanOrEqual(LIMITS.maxMemory);
  expect(used.reservedStorage).toBeLessThanOrEqual(LIMITS.maxStorage);
  expect(used.streams).toBeLessThanOrEqual(LIMITS.maxStreams);
  for (const { config: c, consumers } of js.streams.values()) {
    expect(consumers.size).toBeLessThanOrEqual(LIMITS.maxConsumers);
    if (c.storage === 'memory') expect(c.max_bytes).toBeLessThanOrEqual(LIMITS.memoryMaxStreamBytes);
  }
}

it.each([
  [-1, -1, -1],
  [3, -1, 3],
  [-1, 2, 2],
  [3, 2, 2],
  [1, 2, 1],
  [-1, 0, -1],
])('a stream with %i in an account with %i may have %i consumers', (inStream, maxConsumers, allowed) => {
  expect(consumersAllowed(inStream, { maxConsumers })).toBe(allowed);
});
