import { describe, expect, test } from 'vitest';
import { limits } from '../../src/base/index.ts';
import { enter, errorOf, serve, TWO_TENANTS, timed } from './support.ts';

const SLOW_MS = 2_000;

/** Creates a stream. @returns the reply. */
function create(client: ReturnType<typeof enter>, name: string, more: object): Promise<string> {
  return client.ask(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify({ name, storage: 'memory', ...more }));
}

function createConsumer(client: ReturnType<typeof enter>, stream: string, config: object): Promise<string> {
  const body = JSON.stringify({ stream_name: stream, config });
  return client.ask(`$JS.API.CONSUMER.CREATE.${stream}`, body);
}

describe('configurations of streams and consumers', () => {
  test('thousands of subjects are refused before they are compared with each other', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const subjects = Array.from({ length: 60_000 }, (_, i) => `s.${i}.*`);
    let reply = '';
    expect(await timed(async () => (reply = await create(a, 'S', { subjects })))).toBeLessThan(SLOW_MS);
    expect(errorOf(reply)).toMatchObject({ err_code: 10052 });
    await create(a, 'T', { subjects: ['t.>'] });
    const took = timed(async () => (reply = await createConsumer(a, 'T', { filter_subjects: subjects })));
    expect(await took).toBeLessThan(SLOW_MS);
    expect(errorOf(reply)).toBeDefined();
  });

  test('as many as there may be are compared in no time, also with those of other streams', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const many = (prefix: string): string[] =>
      Array.from({ length: limits.MAX_ASSET_SUBJECTS }, (_, i) => `${prefix}.${i}.*`);
    const streams = async (): Promise<(string | undefined)[]> => {
      const replies: (string | undefined)[] = [];
      for (let i = 0; i < 4; i++)
        replies.push(errorOf(await create(a, `S${i}`, { subjects: many(`p${i}`) }))?.description);
      return replies;
    };
    let replies: (string | undefined)[] = [];
    expect(await timed(async () => (replies = await streams()))).toBeLessThan(2 * SLOW_MS);
    expect(replies).toEqual(Array(4).fill(undefined));
    const hard = Array.from({ length: limits.MAX_ASSET_SUBJECTS }, (_, i) => `p0.*.*.${i}`);
    const took = timed(
      async () => (replies = [errorOf(await create(a, 'H', { subjects: hard }))?.description]),
    );
    expect(await took).toBeLessThan(SLOW_MS);
    expect(replies).toEqual(['insufficient resources']);
  });

  test('subjects of ten thousands of tokens go neither in nor deep', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const deep = 'x.'.repeat(100_000);
    expect(errorOf(await create(a, 'S', { subjects: [`${deep}*`] }))).toMatchObject({ err_code: 10052 });
    await create(a, 'T', { subjects: ['t.>'] });
    expect(errorOf(await createConsumer(a, 'T', { deliver_subject: `${deep}y` }))).toMatchObject({
      err_code: 10112,
    });
    expect(errorOf(await createConsumer(a, 'T', { filter_subject: `t.${deep}*` }))).toBeDefined();
  });

  test('a configuration is no place to store a megabyte', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const subjects = Array.from({ length: 500 }, (_, i) => `${i}${'y'.repeat(1_000)}`);
    expect(errorOf(await create(a, 'S', { subjects }))?.description).toContain('maximum size');
  });

  test('streams and consumers without a message are paid for, and given back', async () => {
    const server = serve('jetstream: enabled', 20 * limits.STREAM_BYTES);
    const client = enter(server);
    const before = server.memory.used;
    const errors = async (): Promise<unknown[]> => {
      const codes: unknown[] = [];
      for (let i = 0; i < 20; i++) codes.push(errorOf(await create(client, `S${i}`, {}))?.err_code);
      return codes;
    };
    const codes = await errors();
    expect(codes[0]).toBeUndefined();
    expect(codes.at(-1)).toBe(10023);
    expect(errorOf(await client.ask('$JS.API.STREAM.DELETE.S0'))).toBeUndefined();
    expect(errorOf(await createConsumer(client, 'S1', { deliver_subject: 'd' }))).toBeUndefined();
    server.reset();
    expect(server.memory.used).toBe(before);
  });
});

describe('numbers at the end of the range', () => {
  test('no request brings a stream near the last sequence that there can be, and none loops over those between', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const first = limits.MAX_SEQUENCE + 1;
    const far = await create(a, 'S', { subjects: ['s'], first_seq: first });
    expect(errorOf(far)).toMatchObject({ err_code: 10052 });
    await create(a, 'S', { subjects: ['s'], allow_direct: true });
    await a.ask('s', 'x');
    const beyond = JSON.stringify({ seq: Number.MAX_SAFE_INTEGER });
    let sequences: number[] = [];
    const took = timed(async () => {
      for (let i = 0; i < 4; i++) {
        expect(errorOf(await a.ask('$JS.API.STREAM.PURGE.S', beyond))).toBeUndefined();
        sequences = [...sequences, JSON.parse(await a.ask('s', 'x')).seq];
      }
      const info = await a.ask('$JS.API.STREAM.INFO.S', '{"deleted_details":true}');
      expect(JSON.parse(info).state).toMatchObject({ messages: 1, last_seq: sequences.at(-1) });
    });
    expect(await took).toBeLessThan(SLOW_MS);
    expect(sequences).toEqual([0, 1, 2, 3].map((i) => limits.MAX_SEQUENCE + i));
  });
});

describe('work without end', () => {
  test('streams that feed each other for ever leave the other account its turn', async () => {
    const server = serve(TWO_TENANTS);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    for (const name of ['x', 'y']) await create(a, name, { subjects: [name], max_msgs: 100 });
    await createConsumer(a, 'x', { deliver_subject: 'y' });
    await createConsumer(a, 'y', { deliver_subject: 'x' });
    for (let i = 0; i < 50; i++) a.send('PUB x 1', 'x');
    for (let i = 0; i < 5; i++) {
      expect(await timed(() => b.ask('$JS.API.STREAM.NAMES'))).toBeLessThan(SLOW_MS);
    }
    expect(errorOf(await a.ask('$JS.API.STREAM.DELETE.x'))).toBeUndefined();
  });
});

describe('what the server tells', () => {
  const PURGE = '$JS.API.STREAM.PURGE.M';

  test.each([
    ['an acknowledgement', 'PUB p', 'x'],
    ['an answer', 'PUB $JS.API.STREAM.INFO.P', ''],
    ['a copy', 'PUB r', ''],
  ])('is no request, wherever somebody sends it: %s', async (_what, verb, payload) => {
    const server = serve(TWO_TENANTS);
    const a = enter(server, 'a');
    await create(a, 'M', { subjects: ['m'] });
    await create(a, 'P', { subjects: ['p'] });
    await create(a, 'R', { subjects: ['r'], republish: { src: 'r', dest: PURGE } });
    await a.ask('m', 'x');
    const asked: string[] = [];
    server.on('api', ({ subject }) => asked.push(subject));
    a.send(`${verb} ${PURGE} ${payload.length}`, payload, 'PING');
    await a.until(/PONG/);
    expect(asked).not.toContain(PURGE);
    const { state } = JSON.parse(await a.ask('$JS.API.STREAM.INFO.M'));
    expect(state.messages).toBe(1);
    a.send(`PUB ${PURGE} 0`, '');
    await a.ask('$JS.API.STREAM.NAMES');
    expect(asked).toContain(PURGE);
  });

  test('confirms nothing: an acknowledgement that names one as its reply', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    await create(a, 'M', { subjects: ['m'] });
    await create(a, 'P', { subjects: ['p'] });
    const config = { name: 'c', ack_policy: 'explicit', deliver_subject: 'd' };
    await a.ask('$JS.API.CONSUMER.CREATE.M.c', JSON.stringify({ stream_name: 'M', config }));
    a.send('SUB d 1');
    await a.ask('m', 'x');
    const [, ack] = await a.until(/(\$JS\.ACK\.M\.c\.\S+)/);
    a.send(`PUB p ${ack} 1`, 'x');
    const { num_ack_pending } = JSON.parse(await a.ask('$JS.API.CONSUMER.INFO.M.c'));
    expect(num_ack_pending).toBe(1);
  });
});

describe('the system account', () => {
  test('may name an account that is not there', async () => {
    const s = enter(serve(TWO_TENANTS), 's');
    s.send('PUB $JS.API.ACCOUNT.STREAM.MOVE.NOBODY.S _I 0', '', 'PING');
    await s.until(/PONG/);
    s.send('PUB $JS.API.ACCOUNT.PURGE.NOBODY _I 0', '', 'PING');
    await s.until(/PONG[\s\S]*PONG/);
  });
});
