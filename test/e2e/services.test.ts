import { type Service, type ServiceMsg, Svcm } from '@nats-io/services';
import type { NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import { all, client, serve, times } from './support.ts';

let nc: NatsConnection;
const services: Service[] = [];

const CALC = { name: 'calc', version: '1.2.3', description: 'adds', metadata: { team: 'numbers' } };

/** Answers with the sum of the numbers in the request; refuses what is no number, and fails at nothing. */
function sum(_: Error | null, request: ServiceMsg): void {
  if (request.data.length === 0) throw new Error('nothing to add');
  const total = request
    .string()
    .split('+')
    .reduce((so, term) => so + Number(term), 0);
  if (Number.isNaN(total)) request.respondError(400, 'not a number', request.string());
  else request.respond(String(total));
}

async function calculator(connection: NatsConnection, queue?: string): Promise<Service> {
  const service = await new Svcm(connection).add(queue === undefined ? CALC : { ...CALC, queue });
  service.addEndpoint('sum', { handler: sum, metadata: { arity: 'any' } });
  const group = service.addGroup('v2', 'second');
  group.addEndpoint('total', { handler: sum, subject: 'total.*' });
  group.addGroup('deep').addEndpoint('echo', (_, request) => void request.respond(request.data));
  services.push(service);
  await connection.flush();
  return service;
}

/** What a discovery verb brings, in the order of the ids. */
async function discovered(verb: 'ping' | 'info' | 'stats', name?: string, id?: string) {
  const answers = await all(await new Svcm(nc).client({ strategy: 'timer', maxWait: 150 })[verb](name, id));
  return answers.sort((a, b) => (a.id < b.id ? -1 : 1));
}

beforeEach(async () => {
  services.length = 0;
  nc = await client(await serve());
});

describe('a service', () => {
  it('answers at its endpoints and in its groups', async () => {
    await calculator(nc);
    expect((await nc.request('sum', '1+2+3')).string()).toBe('6');
    expect((await nc.request('v2.total.x', '4+5')).string()).toBe('9');
    expect((await nc.request('v2.deep.echo', 'abc')).string()).toBe('abc');
    await expect(nc.request('total.x', '1')).rejects.toThrow(/no responders/);
  });

  it('tells errors in headers, and counts its failures', async () => {
    await calculator(nc);
    const refused = await nc.request('sum', 'one');
    expect([
      refused.string(),
      refused.headers?.code,
      refused.headers?.get('Nats-Service-Error-Code'),
    ]).toEqual(['one', 0, '400']);
    expect(refused.headers?.get('Nats-Service-Error')).toBe('not a number');
    expect((await nc.request('sum')).headers?.get('Nats-Service-Error-Code')).toBe('500');
    const [stats] = await discovered('stats', 'calc');
    expect(stats).toMatchObject({
      type: 'io.nats.micro.v1.stats_response',
      endpoints: [{ name: 'sum', num_requests: 2, num_errors: 1, last_error: 'nothing to add' }, {}, {}],
    });
  });

  it('describes itself', async () => {
    const { id } = (await calculator(nc)).info();
    const identity = { name: 'calc', id, version: '1.2.3', metadata: { team: 'numbers' } };
    expect(await discovered('ping')).toEqual([{ type: 'io.nats.micro.v1.ping_response', ...identity }]);
    expect(await discovered('info')).toEqual([
      {
        type: 'io.nats.micro.v1.info_response',
        ...identity,
        description: 'adds',
        endpoints: [
          { name: 'sum', subject: 'sum', queue_group: 'q', metadata: { arity: 'any' } },
          { name: 'total', subject: 'v2.total.*', queue_group: 'second' },
          { name: 'echo', subject: 'v2.deep.echo', queue_group: 'second' },
        ],
      },
    ]);
  });

  it('forgets its counts when told to, and is gone when stopped', async () => {
    const service = await calculator(nc);
    await nc.request('sum', '1');
    service.reset();
    expect(await discovered('stats')).toMatchObject([{ endpoints: [{ num_requests: 0 }, {}, {}] }]);
    expect(await service.stop()).toBeNull();
    await expect(nc.request('sum', '1')).rejects.toThrow(/no responders/);
    await expect(nc.request('$SRV.PING', '')).rejects.toThrow(/no responders/);
  });

  it('ends with its connection', async () => {
    const server = await serve();
    nc = await client(server);
    const theirs = await client(server);
    const service = await calculator(theirs);
    await theirs.close();
    await service.stopped;
    const outcome = () => nc.request('sum', '1', { timeout: 500 }).catch((error: Error) => error.message);
    await expect.poll(outcome).toMatch(/no responders/);
  });
});

describe('several instances of a service', () => {
  const requestsOf = async () => {
    const stats = await Promise.all(services.map((service) => service.stats()));
    return stats.map((one) => one.endpoints?.[0]?.num_requests ?? 0);
  };

  it.each([
    ['share the work in their queue group', undefined, 40],
    ['all get it where they have none', '', 120],
  ])('%s', async (_, queue, handled) => {
    const server = await serve();
    nc = await client(server);
    await Promise.all(times(3, async () => calculator(await client(server), queue)));
    await Promise.all(times(40, () => nc.request('sum', '1+1')));
    await Promise.all(services.map((service) => service.info()));
    await expect.poll(async () => (await requestsOf()).reduce((a, b) => a + b)).toBe(handled);
    expect(Math.min(...(await requestsOf()))).toBeGreaterThan(0);
  });

  it('are found all together, by name, and one by its id', async () => {
    const server = await serve();
    nc = await client(server);
    await Promise.all(times(3, async () => calculator(await client(server))));
    await new Svcm(nc).add({ name: 'other', version: '0.0.1' });
    const ids = services.map((service) => service.info().id).sort();
    expect((await discovered('ping')).map((answer) => answer.name).sort()).toEqual([
      'calc',
      'calc',
      'calc',
      'other',
    ]);
    expect((await discovered('info', 'calc')).map((answer) => answer.id)).toEqual(ids);
    const [id = ''] = ids;
    expect(await discovered('stats', 'calc', id)).toMatchObject([{ id }]);
    await expect(discovered('ping', 'nobody')).rejects.toThrow(/no responders/);
  });
});

it('a service that another account offers is called over an import, and its discovery stays inside', async () => {
  const server = await serve({
    config: `listen: 127.0.0.1:-1
      accounts {
        OFFER { users: [{user: o, password: o}], exports: [{service: sum}] }
        USE { users: [{user: u, password: u}], imports: [{service: {account: OFFER, subject: sum}, to: plus}] }
      }`,
  });
  await calculator(await client(server, { user: 'o', pass: 'o' }));
  const user = await client(server, { user: 'u', pass: 'u' });
  expect((await user.request('plus', '20+22')).string()).toBe('42');
  await expect(user.request('$SRV.PING.calc', '')).rejects.toThrow(/no responders/);
});
