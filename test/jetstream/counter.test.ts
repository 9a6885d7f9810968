import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { header, TestEnv } from './support.ts';

function open(): { env: TestEnv; js: JetStream } {
  const env = new TestEnv();
  const js = new JetStream(env, UNLIMITED);
  js.createStream({
    name: 'C',
    subjects: ['c.>'],
    storage: 'memory',
    allow_msg_counter: true,
    max_msgs_per_subject: 2,
  });
  return { env, js };
}

it('counters are the sums of their increments, however large, subject by subject', () => {
  const increments = fc.array(
    fc.tuple(fc.constantFrom('c.a', 'c.b'), fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n })),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(increments, (made) => {
      const { env } = open();
      const sums = new Map<string, bigint>();
      for (const [subject, by] of made) {
        sums.set(subject, (sums.get(subject) ?? 0n) + by);
        const text = by > 0n && by % 2n === 0n ? `+${by}` : String(by);
        const answer = env.request(subject, '', header(['Nats-Incr', text]));
        expect(answer['val']).toBe(String(sums.get(subject)));
      }
    }),
    { numRuns: 50 },
  );
});

it.each(['', '+', '1.5', '1e3', '0x1', '--1', ' ', '١', '1_0'])(
  'a counter refuses the increment %j',
  (text) => {
    const { env, js } = open();
    const answer = env.request('c.a', '', header(['Nats-Incr', text]));
    expect(answer['error']).toMatchObject({ err_code: text.trim() === '' ? 10_169 : 10_171 });
    expect(js.usage().memory).toBe(0);
  },
);

it('a counter that sources others is the sum of all of them, and says what it took from whom', () => {
  const { env, js } = open();
  js.createStream({ name: 'D', subjects: ['d'], storage: 'memory', allow_msg_counter: true });
  js.createStream({
    name: 'T',
    subjects: ['t'],
    storage: 'memory',
    allow_msg_counter: true,
    sources: [
      { name: 'C', subject_transforms: ['c.a', 'c.b'].map((src) => ({ src, dest: 't' })) },
      { name: 'D', subject_transforms: [{ src: 'd', dest: 't' }] },
    ],
  });
  env.drain();
  for (const [subject, by] of [
    ['c.a', '5'],
    ['t', '100'],
    ['d', '-7'],
    ['c.a', '1'],
    ['c.b', '2'],
  ] as const) {
    env.request(subject, '', header(['Nats-Incr', by]));
  }
  const last = js.stream(toBytes('T')).getMessage({ lastBySubject: toBytes('t') });
  expect(last?.payload.toString()).toBe('{"val":"101"}');
  expect(last?.header.toString()).toContain(
    'Nats-Counter-Sources: {"C":{"c.a":"6","c.b":"2"},"D":{"d":"-7"}}',
  );
});
