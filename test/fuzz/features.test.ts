import { describe, expect, test } from 'vitest';
import { consumerFeatures, pushFeatures, streamFeatures } from '../../src/fuzz/generators/features.ts';
import { enter, errorOf, serve, TWO_TENANTS } from '../hostile/support.ts';

/** Streams and consumers as the generator makes them. */
async function made(stream: object, consumer?: object): Promise<unknown> {
  const a = enter(serve(TWO_TENANTS), 'a');
  const ask = async (subject: string, body: object) => errorOf(await a.ask(subject, JSON.stringify(body)));
  await ask('$JS.API.STREAM.CREATE.S0', { name: 'S0', subjects: ['s0', 's0.>'], storage: 'memory' });
  const common = { name: 'S1', subjects: ['s1', 's1.>'], storage: 'memory', max_bytes: 100_000 };
  const refusal = await ask('$JS.API.STREAM.CREATE.S1', { ...common, ...stream });
  if (consumer === undefined) return refusal;
  const config = { durable_name: 'C', ack_policy: 'explicit', ...consumer };
  return ask('$JS.API.CONSUMER.DURABLE.CREATE.S1.C', { stream_name: 'S1', config });
}

describe('what the fuzzers let streams and consumers do is possible', () => {
  test.each(streamFeatures.map((each) => [JSON.stringify(each), each] as const))(
    '%s',
    async (_text, each) => {
      expect(await made(each)).toBeUndefined();
    },
  );

  test.each(consumerFeatures.map((each) => [JSON.stringify(each), each] as const))(
    '%s',
    async (_text, each) => {
      expect(await made({}, each)).toBeUndefined();
    },
  );

  test.each(pushFeatures.map((each) => [JSON.stringify(each), each] as const))('%s', async (_text, each) => {
    expect(await made({}, { deliver_subject: 'd', ...each })).toBeUndefined();
  });
});
