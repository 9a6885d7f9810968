import { describe, expect, it } from 'vitest';
import { JetStream } from '../../src/jetstream/jetstream.ts';
import { UNLIMITED } from '../../src/jetstream/limits.ts';
import type { Stream } from '../../src/jetstream/stream/stream.ts';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { allSubjects, header, TestEnv } from './support.ts';

function withStream(input: StreamConfigInput = {}): { env: TestEnv; js: JetStream; stream: Stream } {
  const env = new TestEnv();
  const js = new JetStream(env, UNLIMITED);
  const { stream } = js.createStream({ name: 'P', subjects: ['p.>'], storage: 'memory', ...input });
  return { env, js, stream };
}

/** Publishes and returns the bytes of the answer. */
function answer(env: TestEnv, subject: string, headers: Record<string, string> = {}, payload = 'x'): string {
  const block = Object.keys(headers).length === 0 ? '' : header(...Object.entries(headers));
  env.publish(subject, payload, { reply: 'r', header: block });
  env.drain();
  return env.take('r').at(-1)?.payload ?? 'nothing';
}

function errorText(code: number, errCode: number, description: string): string {
  return JSON.stringify({ error: { code, err_code: errCode, description }, stream: 'P', seq: 0 });
}

const wrongSequence = (seq: number): string => errorText(400, 10071, `wrong last sequence: ${seq}`);
const wrongId = (id: string): string => errorText(400, 10070, `wrong last msg ID: ${id}`);

describe('Ingest', () => {
  it('acknowledges with the bytes that 2.14.5 writes', () => {
    const { env } = withStream();
    for (let seq = 1; seq <= 1001; seq++) expect(answer(env, 'p.a')).toBe(`{"stream":"P","seq":${seq}}`);
  });

  it('names the domain', () => {
    const env = new TestEnv();
    env.domain = 'hub';
    new JetStream(env, UNLIMITED).createStream({ name: 'P', subjects: ['p.>'] });
    expect(answer(env, 'p.a')).toBe('{"stream":"P","domain":"hub","seq":1}');
  });

  it('acknowledges neither without a reply subject nor on a no_ack stream', () => {
    const { env, stream } = withStream({ no_ack: true });
    env.publish('p.a');
    expect(answer(env, 'p.a')).toBe('nothing');
    expect(stream.store.messages).toBe(2);
  });

  // The script and its answers were run on 2.14.5, memory and file storage alike.
  it('judges the headers of a publish as 2.14.5 does', () => {
    const { env } = withStream({ allow_rollup_hdrs: true });
    const seq = (n: number): string => `{"stream":"P","seq":${n}}`;
    const script: [string, Record<string, string>, string][] = [
      ['p.a', {}, seq(1)],
      ['p.a', { 'Nats-Msg-Id': 'm1' }, seq(2)],
      ['p.a', { 'Nats-Msg-Id': 'm1' }, '{"stream":"P","seq":2,"duplicate": true}'],
      ['p.a', { 'Nats-Msg-Id': 'm1', 'Nats-Expected-Last-Sequence': '99' }, wrongSequence(2)],
      ['p.a', { 'Nats-Msg-Id': '' }, seq(3)],
      ['p.a', { 'Nats-Expected-Stream': 'P' }, seq(4)],
      ['p.a', { 'Nats-Expected-Stream': 'Q' }, errorText(400, 10060, 'expected stream does not match')],
      ['p.a', { 'Nats-Expected-Last-Sequence': '1' }, wrongSequence(4)],
      ['p.a', { 'Nats-Expected-Last-Sequence': 'abc' }, wrongSequence(4)],
      ['p.a', { 'Nats-Expected-Last-Sequence': '' }, seq(5)],
      ['p.a', { 'Nats-Expected-Last-Sequence': '-1' }, wrongSequence(5)],
      ['p.new', { 'Nats-Expected-Last-Subject-Sequence': '0' }, seq(6)],
      ['p.new', { 'Nats-Expected-Last-Subject-Sequence': '0' }, wrongSequence(6)],
      ['p.new', { 'Nats-Expected-Last-Subject-Sequence': '' }, seq(7)],
      [
        'p.z',
        { 'Nats-Expected-Last-Subject-Sequence': '5', 'Nats-Expected-Last-Subject-Sequence-Subject': 'p.*' },
        wrongSequence(7),
      ],
      [
        'p.z',
        {
          'Nats-Expected-Last-Subject-Sequence': '0',
          'Nats-Expected-Last-Subject-Sequence-Subject': 'p.q.*',
        },
        seq(8),
      ],
      [
        'p.z',
        { 'Nats-Expected-Last-Subject-Sequence': '0', 'Nats-Expected-Last-Subject-Sequence-Subject': 'p..*' },
        seq(9),
      ],
      [
        'p.z',
        { 'Nats-Expected-Last-Subject-Sequence-Subject': 'p.*' },
        errorText(400, 10193, 'missing sequence for expected last sequence per subject'),
      ],
      ['p.a', { 'Nats-Expected-Last-Msg-Id': 'm1' }, wrongId('')],
      ['p.a', { 'Nats-Msg-Id': 'm2' }, seq(10)],
      ['p.a', { 'Nats-Expected-Last-Msg-Id': 'm2' }, seq(11)],
      ['p.a', { 'Nats-Expected-Last-Msg-Id': 'm2' }, wrongId('')],
      ['p.a', { 'Nats-Expected-Last-Msg-Id': '' }, seq(12)],
      ['p.a', { 'Nats-Msg-Id': 'a"b\\' }, seq(13)],
      ['p.a', { 'Nats-Expected-Last-Msg-Id': 'zz' }, wrongId('a"b\\')],
      ['p.a', { 'Nats-Rollup': 'bad' }, errorText(500, 10111, 'rollup value invalid: "bad"')],
      ['p.a', { 'Nats-Rollup': 'SUB' }, seq(14)],
      ['p.a', { 'Nats-Rollup': '' }, seq(15)],
      ['p.a', { 'Nats-TTL': '1' }, errorText(400, 10166, 'per-message TTL is disabled')],
      ['p.a', { 'Nats-TTL': 'bad' }, errorText(400, 10165, 'invalid per-message TTL')],
      ['p.a', { 'Nats-TTL': '0' }, errorText(400, 10165, 'invalid per-message TTL')],
      ['p.a', { 'Nats-Incr': '1' }, errorText(400, 10168, 'message counters is disabled')],
      ['p.a', { 'Nats-Batch-Id': '1' }, errorText(400, 10174, 'atomic publish is disabled')],
      ['p.a', { 'Nats-Schedule': '1' }, errorText(400, 10188, 'message schedules is disabled')],
      ['p.a', { 'Nats-Scheduler': '1' }, errorText(400, 10212, 'message schedules invalid scheduler')],
      ['p.a', { 'Nats-Schedule-Next': '1' }, errorText(400, 10212, 'message schedules invalid scheduler')],
      [
        'p.a',
        { 'Nats-Batch-Sequence': '1', 'Nats-Marker-Reason': '1', 'Nats-Schedule-Target': '1' },
        seq(16),
      ],
    ];
    for (const [subject, headers, expected] of script) {
      expect([subject, headers, answer(env, subject, headers)]).toEqual([subject, headers, expected]);
    }
  });

  // Which of two faults is named, pair by pair as measured: the left one wins.
  it.each([
    ['Nats-Batch-Id: 1', 'Nats-Incr: 1'],
    ['Nats-Incr: 1', 'Nats-Expected-Stream: Z'],
    ['Nats-Expected-Stream: Z', 'Nats-TTL: 5'],
    ['Nats-TTL: 5', 'Nats-Expected-Last-Sequence: 99'],
    ['Nats-Expected-Last-Subject-Sequence-Subject: x', 'Nats-Expected-Last-Sequence: 99'],
    ['Nats-Expected-Last-Sequence: 99', 'Nats-Schedule: x'],
    ['Nats-Schedule: x', 'Nats-Scheduler: x'],
    ['Nats-Scheduler: x', 'Nats-Msg-Id: m1'],
    ['Nats-Msg-Id: m1', 'Nats-Expected-Last-Msg-Id: zz'],
    ['Nats-Expected-Last-Msg-Id: zz', 'Nats-Rollup: sub'],
    ['Nats-Rollup: sub', `K: ${'v'.repeat(2000)}`],
    [`K: ${'v'.repeat(2000)}`, 'Nats-TTL: z'],
  ])('names %s before %s', (left, right) => {
    const { env } = withStream({ max_msg_size: 1000 });
    answer(env, 'p.a', { 'Nats-Msg-Id': 'm1' });
    const fields = (...lines: string[]): Record<string, string> =>
      Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
    const alone = answer(env, 'p.a', fields(left));
    expect(answer(env, 'p.a', fields(right))).not.toBe(alone);
    expect(answer(env, 'p.a', fields(right, left))).toBe(alone);
  });

  it('forgets message ids when their window is over', () => {
    const { env, stream } = withStream({ duplicate_window: 1e9 });
    const id = (name: string): string => answer(env, 'p.a', { 'Nats-Msg-Id': name });
    expect(id('a')).toBe('{"stream":"P","seq":1}');
    env.advance(999);
    expect(id('a')).toBe('{"stream":"P","seq":1,"duplicate": true}');
    env.advance(1);
    expect(id('a')).toBe('{"stream":"P","seq":2}');
    for (let i = 0; i < 500; i++) id(`many ${i}`);
    for (let i = 0; i < 500; i++) expect(id(`many ${i}`)).toContain('"duplicate": true');
    env.advance(5000);
    expect(stream.dedupe.size).toBe(0);
    expect(id('many 3')).toBe('{"stream":"P","seq":503}');
  });

  it('remembers message ids across deletes and purges', () => {
    const { env, stream } = withStream();
    answer(env, 'p.a', { 'Nats-Msg-Id': 'm' });
    stream.deleteMessage(1, true);
    expect(answer(env, 'p.a', { 'Nats-Msg-Id': 'm' })).toBe('{"stream":"P","seq":1,"duplicate": true}');
  });

  it('refuses what is too big', () => {
    const { env } = withStream({ max_msg_size: 100_000 });
    const block = 'NATS/1.0\r\nK: \r\n\r\n'.length;
    expect(answer(env, 'p.a', { K: 'v'.repeat(65_535 - block) })).toBe('{"stream":"P","seq":1}');
    expect(answer(env, 'p.a', { K: 'v'.repeat(65_536 - block) })).toBe(
      errorText(400, 10097, 'header size exceeds maximum allowed of 64k'),
    );
    expect(answer(env, 'p.a', {}, 'x'.repeat(100_000))).toBe('{"stream":"P","seq":2}');
    expect(answer(env, 'p.a', { K: 'v' }, 'x'.repeat(100_000))).toBe(
      errorText(400, 10054, 'message size exceeds maximum allowed'),
    );
  });

  it('discards old messages beyond each limit', () => {
    const { env, stream } = withStream({ max_msgs: 4, max_msgs_per_subject: 2, max_bytes: 75 });
    for (let i = 0; i < 4; i++) answer(env, 'p.a');
    expect(stream.state()).toMatchObject({ messages: 2, first_seq: 3 });
    for (let i = 0; i < 4; i++) answer(env, `p.${i}`);
    expect(stream.state()).toMatchObject({ messages: 3, first_seq: 6, bytes: 60 });
  });

  it('acknowledges a message larger than the stream, and keeps nothing', () => {
    const { env, stream } = withStream({ max_bytes: 60 });
    expect(answer(env, 'p.a', {}, 'x'.repeat(100))).toBe('{"stream":"P","seq":1}');
    expect(stream.state()).toMatchObject({ messages: 0, first_seq: 2, last_seq: 1 });
  });

  it('discards new messages beyond each limit, except those that replace', () => {
    const full = (what: string): string => errorText(503, 10077, what);
    const messages = withStream({ discard: 'new', max_msgs: 1, max_msgs_per_subject: 1 });
    expect(answer(messages.env, 'p.a')).toBe('{"stream":"P","seq":1}');
    expect(answer(messages.env, 'p.b')).toBe(full('maximum messages exceeded'));
    expect(answer(messages.env, 'p.a')).toBe('{"stream":"P","seq":2}');
    const bytes = withStream({ discard: 'new', max_bytes: 30 });
    expect(answer(bytes.env, 'p.a')).toBe('{"stream":"P","seq":1}');
    expect(answer(bytes.env, 'p.a')).toBe(full('maximum bytes exceeded'));
    const subject = withStream({ discard: 'new', discard_new_per_subject: true, max_msgs_per_subject: 1 });
    expect(answer(subject.env, 'p.a')).toBe('{"stream":"P","seq":1}');
    expect(answer(subject.env, 'p.a')).toBe(full('maximum messages per subject exceeded'));
    expect(answer(subject.env, 'p.b')).toBe('{"stream":"P","seq":2}');
  });

  it('rolls up a subject or the stream', () => {
    const { env, stream } = withStream({ allow_rollup_hdrs: true });
    for (let i = 0; i < 6; i++) answer(env, `p.${i % 2}`);
    answer(env, 'p.0', { 'Nats-Rollup': 'sub' });
    expect(stream.state({ subjects: allSubjects(stream) })).toMatchObject({
      subjects: { 'p.0': 1, 'p.1': 3 },
    });
    answer(env, 'p.9', { 'Nats-Rollup': 'all' });
    expect(stream.state({ subjects: allSubjects(stream) })).toMatchObject({
      messages: 1,
      subjects: { 'p.9': 1 },
    });
  });

  it('refuses rollups where they are not permitted', () => {
    const { env } = withStream();
    expect(answer(env, 'p.a', { 'Nats-Rollup': 'sub' })).toBe(errorText(500, 10111, 'rollup not permitted'));
  });

  it('keeps the account within its limit', () => {
    const env = new TestEnv();
    const js = new JetStream(env, { ...UNLIMITED, maxMemory: 100 });
    js.createStream({ name: 'P', subjects: ['p.>'], storage: 'memory' });
    for (let i = 0; i < 5; i++) expect(answer(env, 'p.a')).toBe(`{"stream":"P","seq":${i + 1}}`);
    expect(answer(env, 'p.a')).toBe(errorText(400, 10002, 'resource limits exceeded for account'));
    finishPurge(js);
    expect(answer(env, 'p.a')).toBe('{"stream":"P","seq":6}');
  });

  it('answers with an error when the process can hold no more', () => {
    const { env, stream } = withStream();
    env.memory.limit = 20_000;
    let last = '';
    for (let i = 0; i < 100 && !last.includes('error'); i++) last = answer(env, 'p.a', {}, 'x'.repeat(500));
    expect(last).toBe(errorText(503, 10023, 'insufficient resources'));
    expect(stream.store.messages).toBeGreaterThan(5);
  });

  it('uses up a sequence under interest retention without interest', () => {
    const { env, stream } = withStream({ retention: 'interest' });
    expect(answer(env, 'p.a')).toBe('{"stream":"P","seq":1}');
    expect(answer(env, 'p.a', { 'Nats-Msg-Id': 'q' })).toBe('{"stream":"P","seq":2}');
    expect(answer(env, 'p.a', { 'Nats-Msg-Id': 'q' })).toBe('{"stream":"P","seq":2,"duplicate": true}');
    expect(stream.state()).toMatchObject({ messages: 0, first_seq: 3, last_seq: 2 });
  });
});

function finishPurge(js: JetStream): void {
  const work = js.stream(toBytes('P')).purge();
  while (!work.step(10));
}
