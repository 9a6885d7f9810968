import { describe, expect, test } from 'vitest';
import type { RawClient } from '../embedding/raw-client.ts';
import { enter, errorOf, serve, TWO_TENANTS, timed } from './support.ts';

const SLOW_MS = 1_500;
const INSUFFICIENT = 10023;

/** Creates a stream. @returns the reply. */
function create(client: RawClient, name: string, more: object): Promise<string> {
  return client.ask(`$JS.API.STREAM.CREATE.${name}`, JSON.stringify({ name, storage: 'memory', ...more }));
}

/** Publishes with headers, and waits for nothing. */
function publish(client: RawClient, subject: string, reply: string, headers: Record<string, string>): void {
  const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`);
  const block = `NATS/1.0\r\n${lines.join('')}\r\n`;
  client.send(`HPUB ${subject} ${reply} ${block.length} ${block.length}`, block);
}

/** The answer to a publish with headers. */
async function acknowledged(
  client: RawClient,
  subject: string,
  headers: Record<string, string>,
): Promise<string> {
  const reply = `acks.${Math.random()}`;
  client.send(`SUB ${reply} ${reply}`);
  publish(client, subject, reply, headers);
  const [, text] = await client.until(new RegExp(`MSG ${reply} ${reply} \\d+\\r\\n(.*)\\r\\n`));
  return text ?? '';
}

function numbered(count: number, of: (n: number) => object): object[] {
  return Array.from({ length: count }, (_, n) => of(n));
}

describe('what another account sends to a mirror', () => {
  test('does not become lines of the protocol in this one', async () => {
    const server = serve(`jetstream {}
      accounts {
        A { users: [{ user: a, password: a }]
            exports: [ { service: "api.>", accounts: [B] }, { stream: "deliver.>", accounts: [B] } ] }
        B { jetstream: enabled, users: [{ user: b, password: b }]
            imports: [ { service: { account: A, subject: "api.>" } }, { stream: { account: A, subject: "deliver.>" } } ] }
      }`);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    a.send('SUB api.> 1', 'PING');
    await a.until(/PONG/);
    b.send('SUB $JS.FC.> 9', 'PING');
    await b.until(/PONG/);
    await create(b, 'M', { mirror: { name: 'O', external: { api: 'api', deliver: 'deliver' } } });
    const [, deliver = ''] = await a.until(/"deliver_subject":"([^"]+)"/);
    for (const asked of ['$JS.FC.x 1 3', '$JS.FC.x\t7', '$JS.FC.>', '$JS.FC..x', '$JS.FC.well.formed'])
      publish(a, deliver, '', { 'Nats-Consumer-Stalled': asked });
    await b.until(/HMSG \$JS\.FC\.well\.formed 9 /);
    expect(b.received.match(/HMSG .*/g)).toHaveLength(1);
  });
});

describe('one message, or one request, that would be long work', () => {
  test('a million digits that another stream hands on are no counter', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    await create(a, 'P', { subjects: ['p'] });
    await create(a, 'C', { subjects: ['c'], allow_msg_counter: true, sources: [{ name: 'P' }] });
    await create(a, 'D', {
      subjects: ['d'],
      allow_msg_counter: true,
      sources: [{ name: 'P', subject_transforms: [{ src: 'p', dest: 'd' }] }],
    });
    const value = `{"val":"${'9'.repeat(1_000_000)}"}`;
    a.send(`PUB p ${value.length}`, value);
    let answer = '';
    const took = timed(async () => {
      for (let i = 0; i < 10; i++) answer = await acknowledged(a, 'd', { 'Nats-Incr': '1' });
    });
    expect(await took).toBeLessThan(SLOW_MS);
    expect(errorOf(answer)).toBeUndefined();
    expect(JSON.parse(answer).val).toBe('10');
  });

  test('a counter keeps its sources apart as long as they fit its header', async () => {
    const server = serve(TWO_TENANTS);
    const a = enter(server, 'a');
    await create(a, 'P', { subjects: ['p.>'], allow_msg_counter: true });
    await create(a, 'C', {
      allow_msg_counter: true,
      sources: [{ name: 'P', subject_transforms: [{ src: 'p.*.*', dest: 'c' }] }],
    });
    const long = 'x'.repeat(2_000);
    for (let i = 0; i < 60; i++) publish(a, `p.${i}.${long}`, '', { 'Nats-Incr': '1' });
    await a.ask('$JS.API.INFO');
    const { state } = JSON.parse(await a.ask('$JS.API.STREAM.INFO.C'));
    // No message carries more than 64 KiB of headers, though there were 120 KiB of subjects: the rest found no place.
    expect(state.messages).toBeGreaterThan(20);
    expect(state.messages).toBeLessThan(60);
    expect(state.bytes).toBeLessThan(state.messages * 66_000);
    const last = JSON.parse(await a.ask('$JS.API.STREAM.MSG.GET.C', `{"seq":${state.last_seq}}`));
    expect(Buffer.from(last.message.hdrs, 'base64').length).toBeLessThan(65_536);
  });

  test('a batch does not look for nothing a thousand times', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    await create(a, 'S', { subjects: ['s.>'], allow_atomic: true });
    for (let i = 0; i < 20_000; i++) a.socket.write(`PUB s.${i}.x 0\r\n\r\n`);
    const batch = (n: number): Record<string, string> => ({
      'Nats-Batch-Id': 'b',
      'Nats-Batch-Sequence': String(n),
      'Nats-Expected-Last-Subject-Sequence': '0',
      'Nats-Expected-Last-Subject-Sequence-Subject': 's.*.nothing',
    });
    for (let n = 1; n < 1000; n++) publish(a, `s.b.${n}`, '', batch(n));
    await a.ask('$JS.API.INFO');
    let answer = '';
    const end = { ...batch(1000), 'Nats-Batch-Commit': '1' };
    expect(await timed(async () => (answer = await acknowledged(a, 's.b', end)))).toBeLessThan(SLOW_MS);
    expect(errorOf(answer)?.err_code).toBe(INSUFFICIENT);
  });

  test('sources have no more transforms together than one may have', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    const subject_transforms = numbered(500, (n) => ({ src: `x.${n}.*` }));
    const sources = numbered(3, (n) => ({ name: `O${n}`, subject_transforms }));
    expect(errorOf(await create(a, 'S', { sources }))?.description).toContain('too many');
    expect(errorOf(await create(a, 'T', { sources: sources.slice(1) }))).toBeUndefined();
  });

  test('whether sources form a cycle is not found out at any price', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    for (let i = 0; i < 4; i++) {
      const back = numbered(999, (n) => ({ name: 'Z', filter_subject: `q.${n}` }));
      const sources = [...back, { name: `S${i + 1}`, filter_subject: 'q' }];
      await create(a, `S${i}`, { subjects: numbered(1000, (n) => [`s${i}.${n}.*`]).flat(), sources });
    }
    let reply = '';
    const sources = [{ name: 'S0', filter_subject: 'q' }];
    expect(await timed(async () => (reply = await create(a, 'Z', { sources })))).toBeLessThan(SLOW_MS);
    expect(errorOf(reply)?.err_code).toBe(INSUFFICIENT);
  });

  test('sources that lag are not each counted through all subjects', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    await create(a, 'O', { subjects: ['o.>'] });
    for (let i = 0; i < 100; i++) a.socket.write(`PUB o.${i}.y 0\r\n\r\n`);
    for (let i = 0; i < 4_000; i++) a.socket.write(`PUB o.${i}.x 0\r\n\r\n`);
    await create(a, 'F', { subjects: ['f'], max_msgs: 1, discard: 'new' });
    const stuck = (count: number): object => ({
      max_msgs: 1,
      discard: 'new',
      sources: numbered(count, (n) => ({ name: 'O', filter_subject: `o.${n}.*` })),
    });
    const lags = async (name: string): Promise<number[]> => {
      const info = JSON.parse(await a.ask(`$JS.API.STREAM.INFO.${name}`));
      return info.sources.map(({ lag }: { lag: number }) => lag);
    };
    await create(a, 'FEW', stuck(2));
    expect((await lags('FEW')).sort()).toEqual([1, 2]);
    await create(a, 'MANY', stuck(100));
    const many = await lags('MANY');
    expect(Math.max(...many)).toBe(4_099);
    expect(Math.min(...many)).toBeGreaterThan(1);
  });

  test('a source is paid for as what it takes', async () => {
    const server = serve(TWO_TENANTS);
    const a = enter(server, 'a');
    const before = server.memory.used;
    await create(a, 'S', { sources: numbered(500, (n) => ({ name: 'O', filter_subject: `f.${n}` })) });
    expect(server.memory.used - before).toBeGreaterThan(500 * 3 * 1024);
    await a.ask('$JS.API.STREAM.DELETE.S');
    expect(server.memory.used).toBe(before);
  });

  test('a schedule of sixty kilobytes is none', async () => {
    const a = enter(serve(TWO_TENANTS), 'a');
    await create(a, 'S', { subjects: ['s', 't'], allow_msg_schedules: true });
    const at = (days: string): Record<string, string> => ({
      'Nats-Schedule': `0 0 0 ${days} * *`,
      'Nats-Schedule-Target': 't',
    });
    expect(errorOf(await acknowledged(a, 's', at('1-31,'.repeat(12_000))))?.err_code).toBe(10189);
    const everyDay = Array.from({ length: 31 }, (_, n) => n + 1).join();
    expect(errorOf(await acknowledged(a, 's', at(everyDay)))).toBeUndefined();
  });
});
