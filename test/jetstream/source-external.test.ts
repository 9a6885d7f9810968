import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BulkheadServer } from '../../src/index.ts';
import { client, serve } from '../e2e/support.ts';
import { SourceWorld } from './source-support.ts';
import { header } from './support.ts';

/** What account A opens to B, and what B takes; each can be left out. */
const DOORS = {
  api: [
    '{ service: "$JS.API.CONSUMER.>", response_type: stream, accounts: [B] }',
    '{ service: { account: A, subject: "$JS.API.CONSUMER.>" }, to: "JS.A.API.CONSUMER.>" }',
  ],
  deliver: ['{ stream: "deliver.b.>", accounts: [B] }', '{ stream: { account: A, subject: "deliver.b.>" } }'],
  flow: ['{ service: "$JS.FC.>", accounts: [B] }', '{ service: { account: A, subject: "$JS.FC.>" } }'],
} as const;

type Door = keyof typeof DOORS;

function config(doors: readonly Door[]): string {
  const side = (at: 0 | 1): string => doors.map((door) => DOORS[door][at]).join('\n');
  return `
    jetstream {}
    accounts {
      A { jetstream: enabled, users: [{ user: a, password: a }], exports: [ ${side(0)} ] }
      B { jetstream: enabled, users: [{ user: b, password: b }], imports: [ ${side(1)} ] }
      C { jetstream: enabled, users: [{ user: c, password: c }] }
    }`;
}

const ALL = ['api', 'deliver', 'flow'] as const;
const EXTERNAL = { api: 'JS.A.API', deliver: 'deliver.b' };

/** Accounts of one server whose clock stands still, and a client in each. */
class Accounts {
  readonly server: BulkheadServer;
  readonly a: NatsConnection;
  readonly b: NatsConnection;
  readonly c: NatsConnection;

  private constructor(server: BulkheadServer, a: NatsConnection, b: NatsConnection, c: NatsConnection) {
    this.server = server;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  static async start(doors: readonly Door[] = ALL): Promise<Accounts> {
    const server = await serve({ config: config(doors), clock: 'manual' });
    const as = (user: string) => client(server, { user, pass: user });
    return new Accounts(server, await as('a'), await as('b'), await as('c'));
  }

  async api(nc: NatsConnection, subject: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await nc.request(`$JS.API.${subject}`, body === undefined ? '' : JSON.stringify(body));
    return answer.json<Record<string, unknown>>();
  }

  async make(nc: NatsConnection, name: string, more: Record<string, unknown>): Promise<void> {
    const answer = await this.api(nc, `STREAM.CREATE.${name}`, { name, storage: 'memory', ...more });
    expect(answer.error).toBeUndefined();
    await this.settle();
  }

  async publish(nc: NatsConnection, ...subjects: string[]): Promise<void> {
    for (const subject of subjects) await nc.request(subject, subject);
    await this.settle();
  }

  /** Lets everything under way arrive. */
  async settle(ms = 0): Promise<void> {
    await this.server.clock.advance(ms);
    await Promise.all([this.a.flush(), this.b.flush(), this.c.flush()]);
  }

  async info(nc: NatsConnection, stream: string): Promise<Record<string, unknown>> {
    return this.api(nc, `STREAM.INFO.${stream}`);
  }
}

describe('streams of another account', () => {
  it('are mirrored and sourced over what it exports', async () => {
    const world = await Accounts.start();
    await world.make(world.a, 'O', { subjects: ['o.>'] });
    await world.publish(world.a, 'o.1', 'o.2');
    await world.make(world.b, 'M', { mirror: { name: 'O', external: EXTERNAL } });
    await world.make(world.b, 'S', { sources: [{ name: 'O', filter_subject: 'o.2', external: EXTERNAL }] });
    await world.publish(world.a, 'o.2');
    const mirror = await world.info(world.b, 'M');
    expect(mirror).toMatchObject({
      state: { messages: 3, first_seq: 1, last_seq: 3 },
      mirror: { name: 'O', external: EXTERNAL, lag: 0, active: 0 },
    });
    expect(await world.info(world.b, 'S')).toMatchObject({ state: { messages: 2 } });
    const { message } = await world.api(world.b, 'STREAM.MSG.GET.S', { seq: 2 });
    const { hdrs } = message as { hdrs: string };
    expect(Buffer.from(hdrs, 'base64').toString()).toBe(
      'NATS/1.0\r\nNats-Stream-Source: O:3V17LQ3b 3 o.2 > o.2\r\n\r\n',
    );
  });

  it.each<[string, readonly Door[]]>([
    ['the API', ['deliver', 'flow']],
    ['the deliver subject', ['api', 'flow']],
    ['anything', []],
  ])('give nothing when %s is not exported', async (_what, doors) => {
    const world = await Accounts.start(doors);
    await world.make(world.a, 'O', { subjects: ['o.>'] });
    await world.publish(world.a, 'o.1');
    await world.make(world.b, 'M', { mirror: { name: 'O', external: EXTERNAL } });
    await world.settle(60_000);
    expect(await world.info(world.b, 'M')).toMatchObject({ state: { messages: 0 }, mirror: { lag: 0 } });
  });

  it.each(['JS.A.API', '$JS.A.API', 'A.$JS.API', '$JS.API.A', '$SYS.ACCOUNT.A'])(
    'are out of reach for an account that was given nothing, whatever prefix it names: %s',
    async (api) => {
      const world = await Accounts.start();
      await world.make(world.a, 'O', { subjects: ['o.>'] });
      await world.publish(world.a, 'o.1');
      for (const deliver of ['', 'deliver.b', '$JS.M']) {
        await world.make(world.c, 'M', { mirror: { name: 'O', external: { api, deliver } } });
        await world.settle(30_000);
        expect(await world.info(world.c, 'M')).toMatchObject({
          state: { messages: 0 },
          mirror: { active: -1 },
        });
        await world.api(world.c, 'STREAM.DELETE.M');
      }
    },
  );

  it('tell why there is nothing, and are asked again', async () => {
    const world = await Accounts.start();
    await world.make(world.b, 'M', { mirror: { name: 'O', external: EXTERNAL } });
    const error = { code: 404, err_code: 10059, description: 'stream not found' };
    expect(await world.info(world.b, 'M')).toMatchObject({ mirror: { active: -1, error } });
    await world.make(world.a, 'O', { subjects: ['o.>'] });
    await world.publish(world.a, 'o.1');
    await world.settle(11_000);
    expect(await world.info(world.b, 'M')).toMatchObject({ state: { messages: 1 } });
  });

  it('are asked for another consumer when the one there was is silent, and nothing is lost or doubled', async () => {
    const world = await Accounts.start();
    const names: string[] = [];
    world.a.subscribe('$JS.EVENT.ADVISORY.CONSUMER.CREATED.O.*', {
      callback: (_error, { subject }) => void names.push(subject.split('.').at(-1) ?? ''),
    });
    await world.make(world.a, 'O', { subjects: ['o.>'] });
    await world.publish(world.a, 'o.1');
    await world.make(world.b, 'S', { sources: [{ name: 'O', external: EXTERNAL }] });
    expect(names).toHaveLength(1);
    for (const name of names) {
      expect(await world.api(world.a, `CONSUMER.DELETE.O.${name}`)).toMatchObject({ success: true });
    }
    await world.publish(world.a, 'o.2');
    expect(await world.info(world.b, 'S')).toMatchObject({ state: { messages: 1 } });
    await world.settle(21_000);
    expect(await world.info(world.b, 'S')).toMatchObject({ state: { messages: 2 } });
    await world.publish(world.a, 'o.3');
    expect(await world.info(world.b, 'S')).toMatchObject({ state: { messages: 3 } });
  });

  it('are work queues too: what has been taken is gone there', async () => {
    const world = await Accounts.start();
    await world.make(world.a, 'W', { subjects: ['w.>'], retention: 'workqueue' });
    await world.publish(world.a, 'w.1', 'w.2');
    await world.make(world.b, 'S', { sources: [{ name: 'W', external: EXTERNAL }] });
    expect(await world.info(world.b, 'S')).toMatchObject({ state: { messages: 2 } });
    await world.settle(1000);
    await world.settle();
    expect(await world.info(world.a, 'W')).toMatchObject({ state: { messages: 0, consumer_count: 1 } });
  });

  it.each([
    ['limits', 0],
    ['workqueue', 1],
  ])(
    'show a consumer only where acknowledgements count, and leave none behind: %s',
    async (retention, shown) => {
      const world = await Accounts.start();
      await world.make(world.a, 'W', { subjects: ['w.>'], retention, max_consumers: 1 });
      await world.make(world.b, 'S', { sources: [{ name: 'W', external: EXTERNAL }] });
      expect(await world.api(world.a, 'INFO')).toMatchObject({ consumers: 1 });
      expect(await world.api(world.a, 'CONSUMER.NAMES.W')).toMatchObject({ total: shown });
      expect(await world.api(world.a, 'CONSUMER.LIST.W')).toMatchObject({ total: shown });
      expect(await world.info(world.a, 'W')).toMatchObject({ state: { consumer_count: shown } });
      const config = { durable_name: 'c', ack_policy: 'explicit' };
      const created = await world.api(world.a, 'CONSUMER.CREATE.W.c', { stream_name: 'W', config });
      expect('error' in created).toBe(shown === 1);
      await world.api(world.b, 'STREAM.DELETE.S');
      await world.settle();
      expect(await world.api(world.a, 'INFO')).toMatchObject({ consumers: 1 - shown });
    },
  );
});

describe('streams of the same account that keep messages only until they are acknowledged', () => {
  it.each(['workqueue', 'interest'])('hand them on and let them go: %s', async (retention) => {
    const world = await Accounts.start();
    await world.make(world.a, 'W', { subjects: ['w.>'], retention });
    await world.make(world.a, 'S', { sources: [{ name: 'W' }] });
    await world.publish(world.a, 'w.1', 'w.2');
    expect(await world.info(world.a, 'S')).toMatchObject({ state: { messages: 2 } });
    expect(await world.info(world.a, 'W')).toMatchObject({ state: { messages: 2 } });
    await world.settle(1000);
    await world.settle();
    expect(await world.info(world.a, 'W')).toMatchObject({ state: { messages: 0 } });
  });
});

describe('a consumer that somebody made beforehand', () => {
  const made = {
    durable_name: 'made',
    ack_policy: 'flow_control',
    deliver_subject: 'to.s',
    flow_control: true,
    idle_heartbeat: 1e9,
  };

  async function world(more: Record<string, unknown> = {}): Promise<Accounts> {
    const accounts = await Accounts.start();
    await accounts.make(accounts.a, 'O', { subjects: ['o.>'] });
    await accounts.publish(accounts.a, 'o.1');
    const config = { ...made, ...more };
    await accounts.api(accounts.a, 'CONSUMER.DURABLE.CREATE.O.made', { stream_name: 'O', config });
    return accounts;
  }

  const sources = [{ name: 'O', consumer: { name: 'made', deliver_subject: 'to.s' } }];

  it('is set back and taken from, acknowledged, and left alone in the end', async () => {
    const accounts = await world();
    await accounts.make(accounts.a, 'S', { sources });
    await accounts.publish(accounts.a, 'o.2');
    await accounts.settle(1000);
    await accounts.settle();
    expect(await accounts.info(accounts.a, 'S')).toMatchObject({ state: { messages: 2 } });
    expect(await accounts.api(accounts.a, 'CONSUMER.INFO.O.made')).toMatchObject({ num_ack_pending: 0 });
    await accounts.api(accounts.a, 'STREAM.DELETE.S');
    await accounts.settle();
    expect(await accounts.api(accounts.a, 'CONSUMER.NAMES.O')).toMatchObject({ consumers: ['made'] });
  });

  it('has to acknowledge by flow control', async () => {
    const accounts = await world({ ack_policy: 'none' });
    await accounts.make(accounts.a, 'S', { sources });
    expect(await accounts.info(accounts.a, 'S')).toMatchObject({
      state: { messages: 0 },
      sources: [{ error: { err_code: 10217 } }],
    });
  });
});

describe('what comes to a deliver subject', () => {
  it('is taken only when it is the next delivery of the consumer that was asked for', () => {
    const world = new SourceWorld();
    world.make('M', { mirror: { name: 'O', external: { api: 'X', deliver: 'd' } } });
    const asked = world.env.take('X.CONSUMER.CREATE.O')[0];
    const { config } = JSON.parse(asked?.payload ?? '') as { config: { deliver_subject: string } };
    const answer = JSON.stringify({ name: 'N', config });
    world.env.publish(asked?.reply ?? '', answer);
    const token = fc.constantFrom(
      'O',
      'N',
      'X',
      '1',
      '2',
      '3',
      '-1',
      '1e3',
      '9'.repeat(17),
      '',
      '1700000000000000001',
    );
    const reply = fc.array(token, { maxLength: 9 }).map((tokens) => `$JS.ACK.${tokens.join('.')}`);
    const lines = fc.constantFrom('Nats-Last-Consumer', 'Nats-Consumer-Stalled');
    fc.assert(
      fc.property(reply, fc.option(fc.tuple(lines, fc.string())), (subject, line) => {
        const isNext = /^\$JS\.ACK\.O\.N\.[^.]*\.[123]\.1\.1700000000000000001\.\d{1,15}$/.test(subject);
        fc.pre(!isNext);
        const block = line === null ? '' : header([line[0], line[1].replace(/[\r\n]/g, '')]);
        world.env.publish(config.deliver_subject, 'forged', { reply: subject, header: block });
        world.env.drain();
        expect(world.contents('M')).toEqual([]);
        expect(world.env.take().every(({ route }) => /^(\$JS\.FC\.|X\.CONSUMER\.)/.test(route))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '',
    'x',
    '[]',
    'null',
    '{"name":7}',
    '{"name":"a b"}',
    '{"name":"a.>"}',
    '{"error":{"code":"x"}}',
  ])('survives an answer that is none: %s', (text) => {
    const world = new SourceWorld();
    const stream = world.make('M', { mirror: { name: 'O', external: { api: 'X', deliver: 'd' } } });
    world.env.publish(world.env.take('X.')[0]?.reply ?? '', text);
    world.env.advance(10_000);
    expect(world.env.take('X.').map(({ route }) => route)).toEqual(['X.CONSUMER.CREATE.O']);
    expect(stream.inflows.mirror?.active).toBe(-1);
  });
});

describe('a domain', () => {
  it('names the API of this server in every account, and no other does', async () => {
    const server = await serve({ config: 'jetstream { domain: HUB }' });
    const nc = await client(server);
    expect(nc.info).toMatchObject({ domain: 'HUB' });
    const manager = await jetstreamManager(nc, { domain: 'HUB' });
    await manager.streams.add({ name: 'O', subjects: ['o.>'] });
    expect(await manager.jetstream().publish('o.1')).toMatchObject({ stream: 'O', domain: 'HUB', seq: 1 });
    const consumer = await manager.consumers.add('O', { durable_name: 'c' });
    expect(consumer.name).toBe('c');
    const fetched = await manager.jetstream().consumers.get('O', 'c');
    expect((await fetched.next())?.subject).toBe('o.1');
    await expect(jetstreamManager(nc, { domain: 'LEAF', timeout: 500 })).rejects.toThrow();
  });

  it('of this server leads a mirror to a stream of the same account', async () => {
    const server = await serve({ config: 'jetstream { domain: HUB }' });
    const nc = await client(server);
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'O', subjects: ['o.>'] });
    await manager.jetstream().publish('o.1');
    await manager.streams.add({ name: 'M', mirror: { name: 'O', domain: 'HUB' } as never });
    const { state, mirror } = await manager.streams.info('M');
    expect(state.messages).toBe(1);
    expect(mirror).toMatchObject({ external: { api: '$JS.HUB.API' } });
    await expect(
      manager.streams.update('O', { sources: [{ name: 'M', domain: 'HUB' } as never] }),
    ).rejects.toThrow('detected cycle');
  });

  it('of an account that imports the API is a prefix to its clients', async () => {
    const server = await serve({
      config: `
        jetstream {}
        accounts {
          A { jetstream: enabled, users: [{ user: a, password: a }]
            exports: [{ service: "$JS.API.>", response_type: stream, accounts: [B] }, { service: "o.>" }] }
          B { users: [{ user: b, password: b }]
            imports: [
              { service: { account: A, subject: "$JS.API.>" }, to: "JS.A.API.>" }
              { service: { account: A, subject: "o.>" } } ] }
        }`,
    });
    const nc = await client(server, { user: 'b', pass: 'b' });
    const manager = await jetstreamManager(nc, { apiPrefix: 'JS.A.API' });
    await manager.streams.add({ name: 'O', subjects: ['o.>'] });
    expect((await manager.jetstream().publish('o.1')).seq).toBe(1);
    expect((await manager.streams.info('O')).state.messages).toBe(1);
  });
});

describe('saved state', () => {
  it('goes on where it stood: nothing is doubled, nothing missing', async () => {
    const before = await serve({ config: 'jetstream {}' });
    const manager = await jetstreamManager(await client(before));
    await manager.streams.add({ name: 'O', subjects: ['o.>'] });
    await manager.streams.add({ name: 'W', subjects: ['w.>'], retention: 'workqueue' });
    await manager.jetstream().publish('o.1');
    await manager.streams.add({ name: 'M', mirror: { name: 'O' } });
    await manager.streams.add({ name: 'S', sources: [{ name: 'O' }, { name: 'W' }] });
    await manager.jetstream().publish('w.1');
    const after = await serve({ config: 'jetstream {}', state: before.save() });
    const again = await jetstreamManager(await client(after));
    await again.jetstream().publish('o.2');
    await again.jetstream().publish('w.2');
    expect((await again.streams.info('M')).state.last_seq).toBe(2);
    await expect.poll(async () => (await again.streams.info('S')).state.messages).toBe(4);
  });
});

describe('direct requests', () => {
  it('to an origin are answered by its mirror once the origin does not', async () => {
    const server = await serve({ config: 'jetstream {}' });
    const nc = await client(server);
    const manager = await jetstreamManager(nc);
    await manager.streams.add({ name: 'O', subjects: ['o.>'], allow_direct: true });
    await manager.jetstream().publish('o.1', 'x');
    await manager.streams.add({ name: 'M', mirror: { name: 'O' } });
    const from = async (): Promise<(string | undefined)[]> => {
      const asked = [nc.request('$JS.API.DIRECT.GET.O', '{"seq":1}'), nc.request('$JS.API.DIRECT.GET.O.o.1')];
      return (await Promise.all(asked)).map(({ headers }) => headers?.get('Nats-Stream'));
    };
    expect(await from()).toEqual(['O', 'O']);
    await manager.streams.delete('O');
    expect(await from()).toEqual(['M', 'M']);
    await expect(nc.request('$JS.API.DIRECT.GET.M', '{"seq":1}')).rejects.toThrow('no responders');
    await manager.streams.delete('M');
    await expect(from()).rejects.toThrow('no responders');
  });
});
