import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { House, verdict } from './stream-support.ts';

const CYCLE = 'stream configuration for republish destination forms a cycle';
const notValid = (src: string, dest: string): string =>
  `stream configuration for republish with transform from '${src}' to '${dest}' not valid`;

describe('subject_transform', () => {
  // Verdicts of 2.14.5.
  it.each([
    ['m.*', 'n.$1', 'ok'],
    ['m.>', '', 'ok'],
    ['', '', 'ok'],
    ['zz', 'n', 'ok'],
    ['m.>', 'n.{{partition(3)}}.>', 'ok'],
    ['m.*', '$JS.API.$1', 'ok'],
    ['', 'm.x', 'stream transform: invalid subject'],
    ['m.*', 'n.$2', 'stream transform: invalid mapping destination: wildcard index out of range in $2: [2]'],
    ['m.*', 'n..x', 'stream transform: invalid mapping destination: invalid transform'],
    ['m..*', 'n.$1', 'stream transform source: invalid subject m..*'],
    ['m.> ', 'n', 'stream transform source: invalid subject m.> '],
    ['m.*', 'n.*', 'stream transform: invalid subject'],
    ['m.>', 'n', 'stream transform: invalid subject'],
    ['m.*', 'n.{{foo(1)}}', 'stream transform: invalid mapping destination: unknown function in {{foo(1)}}'],
  ])('from %j to %j: %s', (src, dest, said) => {
    expect(verdict({ subject_transform: { src, dest } })).toBe(said);
  });

  it('renames what is published before anything else looks at it', () => {
    const house = new House({ subject_transform: { src: 'm.*', dest: 'n.$1' } });
    const expects = (seq: string, subject?: string): Record<string, string> => ({
      'Nats-Expected-Last-Subject-Sequence': seq,
      ...(subject === undefined ? {} : { 'Nats-Expected-Last-Subject-Sequence-Subject': subject }),
    });
    expect(house.put('m.a')).toBe('1');
    expect(house.put('m.a', expects('1'))).toBe('2');
    expect(house.put('m.a', expects('2', 'm.a'))).toBe('400/10071 wrong last sequence: 0');
    expect(house.put('m.a', expects('2', 'n.a'))).toBe('3');
    expect(house.put('m.b.c')).toBe('4');
    house.update({ allow_rollup_hdrs: true, subject_transform: { src: 'm.*', dest: 'n.$1' } });
    expect(house.put('m.a', { 'Nats-Rollup': 'sub' })).toBe('5');
    expect(house.held()).toEqual(['4 m.b.c {} x', '5 n.a {Nats-Rollup: sub} x']);
    house.update({});
    house.put('m.a');
    expect(house.held().at(-1)).toBe('6 m.a {} x');
  });

  it('keeps headers, payload and reply of what it renames', () => {
    const text = fc.string({ maxLength: 20 }).map((one) => one.replace(/[^!-9;-~]/g, ''));
    fc.assert(
      fc.property(text, text, (value, payload) => {
        const house = new House({ subject_transform: { src: '>', dest: 'to.>' } });
        expect(house.put('m.a', { K: value }, payload)).toBe('1');
        expect(house.held()).toEqual([`1 to.m.a {K: ${value}} ${payload}`.trimEnd()]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('republish', () => {
  // Verdicts of 2.14.5: a destination is compared with the stream's subjects as it is written.
  it.each([
    ['m.>', 'm.>', 'rp.>', 'ok'],
    ['m.>', '', 'rp.>', 'ok'],
    ['m.>', '', '', 'ok'],
    ['m.*', 'm.*', '{{wildcard(1)}}.b', 'ok'],
    ['x.1', 'm.*', 'x.$1', 'ok'],
    ['m.>', 'm.>', 'm.x.>', CYCLE],
    ['m.>', '', '>', CYCLE],
    ['x.*', 'm.*', 'x.$1', CYCLE],
    ['x.1', 'm.*', '*.1', CYCLE],
    ['m.>', 'm..', 'm.>', CYCLE],
    ['m.>', 'm.*', 'y.$2', notValid('m.*', 'y.$2')],
    ['m.>', 'm..x', 'y', notValid('m..x', 'y')],
    ['m.>', 'm.>', 'rp', notValid('m.>', 'rp')],
  ])('of a stream on %j from %j to %j: %s', (subject, src, dest, said) => {
    expect(verdict({ subjects: [subject], republish: { src, dest } })).toBe(said);
  });

  it('takes every subject without a source, and says so to a pedantic request', () => {
    const input = { republish: { dest: 'rp.>' } };
    expect(verdict(input, true)).toBe('pedantic mode: republish source can not be empty');
    expect(new House(input).stream.config.republish).toEqual({ src: '>', dest: 'rp.>' });
  });

  it('goes out before the acknowledgement, with where the message came from', () => {
    const house = new House({ republish: { src: 'm.>', dest: 'rp.>' } });
    const { env } = house;
    house.put('m.a');
    const block = (lines: string): string => `NATS/1.0\r\n${lines}\r\n\r\n`.replaceAll(', ', '\r\n');
    const time = new Date(env.clock.ms).toISOString().replace('.000', '');
    const from = (subject: string, seq: number, last: number): string =>
      `Nats-Stream: M, Nats-Subject: ${subject}, Nats-Sequence: ${seq}, Nats-Time-Stamp: ${time}, Nats-Last-Sequence: ${last}`;
    expect(env.take()).toMatchObject([
      { subject: 'rp.a', reply: '', header: block(from('m.a', 1, 0)), payload: 'x' },
      { payload: '{"stream":"M","seq":1}' },
    ]);
    house.put('m.a', { 'Nats-Stream': 'mine' }, 'y');
    house.put('m.b');
    expect(env.take('rp.')).toMatchObject([
      { subject: 'rp.a', header: block(`Nats-Stream: mine, ${from('m.a', 2, 1)}`), payload: 'y' },
      { subject: 'rp.b', header: block(from('m.b', 3, 0)) },
    ]);
    house.update({ republish: { src: 'm.>', dest: 'rp.>', headers_only: true } });
    house.put('m.b', {}, 'hello');
    expect(env.take('rp.')).toMatchObject([
      { header: block(`${from('m.b', 4, 3)}, Nats-Msg-Size: 5`), payload: '' },
    ]);
  });

  it('leaves out what is not stored', () => {
    const house = new House({ republish: { src: 'm.>', dest: 'rp.>' }, retention: 'interest' });
    house.put('m.a');
    house.put('m.a', { 'Nats-Expected-Stream': 'Q' });
    expect(house.env.take('rp.')).toEqual([]);
    const duplicates = new House({ republish: { src: 'm.>', dest: 'rp.>' } });
    for (let i = 0; i < 3; i++) duplicates.put('m.a', { 'Nats-Msg-Id': 'i' });
    expect(duplicates.env.take('rp.')).toHaveLength(1);
  });

  it('speaks of the subject that a transform gave', () => {
    const house = new House({
      subject_transform: { src: 'm.*', dest: 'n.$1' },
      republish: { src: 'n.*', dest: 'rp.$1' },
    });
    house.put('m.a');
    house.put('m.b.c');
    const sent = house.env.take('rp.');
    expect(sent).toHaveLength(1);
    expect(sent[0]?.header).toContain('Nats-Subject: n.a\r\n');
  });

  it('between two streams ends when the header block is full, as on 2.14.5', () => {
    const house = new House({ republish: { src: 'm.>', dest: 'b.>' }, max_msgs: 10 });
    const { stream: other } = house.js.createStream({
      name: 'B',
      subjects: ['b.>'],
      storage: 'memory',
      max_msgs: 10,
      republish: { src: 'b.>', dest: 'm.>' },
    });
    house.put('m.x', { Long: 'x'.repeat(64_000) });
    expect([house.stream.store.lastSeq, other.store.lastSeq]).toEqual([7, 7]);
  });
});
