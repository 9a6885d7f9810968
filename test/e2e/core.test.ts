import {
  createInbox,
  Empty,
  headers,
  type Msg,
  type NatsConnection,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
  type Subscription,
} from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { startServer } from '../../src/index.ts';
import { all, client, serve, take, times } from './support.ts';

/** Subscribes and waits until the server knows. */
async function listen(nc: NatsConnection, subject: string, options = {}): Promise<Subscription> {
  const subscription = nc.subscribe(subject, options);
  await nc.flush();
  return subscription;
}

/** Ends a subscription and gives what it received. */
async function drained(subscription: Subscription): Promise<Msg[]> {
  await subscription.drain();
  return all(subscription);
}

describe('publish and subscribe', () => {
  it.each([
    ['a.b.c', 'a.b.c', true],
    ['a.*.c', 'a.b.c', true],
    ['a.>', 'a.b.c', true],
    ['>', 'a', true],
    ['a.>', 'a', false],
    ['a.*', 'a.b.c', false],
    ['A', 'a', false],
    ['größe.*.温度', 'größe.süd.温度', true],
    ['größe', 'grosse', false],
    ['🚢.>', '🚢.bug.heck', true],
  ])('a subscription of %s gets what is published to %s: %s', async (pattern, subject, gets) => {
    const nc = await client(await serve());
    const subscription = await listen(nc, pattern);
    nc.publish(subject, 'text');
    await nc.flush();
    const received = await drained(subscription);
    expect(received.map((message) => [message.subject, message.string()])).toEqual(
      gets ? [[subject, 'text']] : [],
    );
  });

  it('keeps bytes, headers and reply subjects as they are', async () => {
    const nc = await client(await serve());
    const subscription = await listen(nc, 'x');
    const bytes = Uint8Array.from(times(256, (byte) => byte));
    const head = headers();
    head.append('Key', 'one');
    head.append('Key', 'two');
    head.set('Other', 'süß');
    nc.publish('x', bytes, { headers: head, reply: 'there.and.back' });
    nc.publish('x', Empty, { headers: head });
    nc.publish('x');
    await nc.flush();
    const [full, headed, bare] = await drained(subscription);
    expect(full && Uint8Array.from(full.data)).toEqual(bytes);
    expect(full?.reply).toBe('there.and.back');
    expect(full?.headers?.values('Key')).toEqual(['one', 'two']);
    expect(full?.headers?.get('Other')).toBe('süß');
    expect(headed?.headers?.values('Key')).toEqual(['one', 'two']);
    expect(headed?.data.length).toBe(0);
    expect([bare?.headers, bare?.data.length]).toEqual([undefined, 0]);
  });

  it('takes the largest payload and refuses one byte more', async () => {
    const nc = await client(await serve());
    const most = nc.info?.max_payload ?? 0;
    const subscription = await listen(nc, 'big');
    nc.publish('big', new Uint8Array(most));
    expect(() => nc.publish('big', new Uint8Array(most + 1))).toThrow(/max_payload/);
    await nc.flush();
    expect((await drained(subscription)).map((message) => message.data.length)).toEqual([most]);
  });

  it('carries many messages in order', async () => {
    const server = await serve();
    const [from, to] = await Promise.all([client(server), client(server)]);
    const subscription = await listen(to, 'n.*');
    const count = 20_000;
    for (let i = 0; i < count; i++) from.publish(`n.${i % 7}`, String(i));
    await from.flush();
    const received = await take(subscription, count);
    expect(received.every((message, index) => message.string() === String(index))).toBe(true);
  });

  it('echoes only to those who want it', async () => {
    const server = await serve();
    const nc = await client(server, { noEcho: true });
    const other = await client(server);
    const [own, others] = [await listen(nc, 'e'), await listen(other, 'e')];
    nc.publish('e');
    await nc.flush();
    expect([(await drained(own)).length, (await drained(others)).length]).toEqual([0, 1]);
  });
});

describe('subscriptions', () => {
  it('end by themselves after their maximum', async () => {
    const nc = await client(await serve());
    const subscription = await listen(nc, 'm', { max: 3 });
    for (let i = 0; i < 10; i++) nc.publish('m', String(i));
    expect((await all(subscription)).map((message) => message.string())).toEqual(['0', '1', '2']);
  });

  it('end at once when told to', async () => {
    const nc = await client(await serve());
    const subscription = await listen(nc, 'm');
    subscription.unsubscribe();
    nc.publish('m');
    await nc.flush();
    expect(await all(subscription)).toEqual([]);
  });

  it('share the work in a queue group, beside plain subscribers', async () => {
    const server = await serve();
    const members = await Promise.all(times(3, () => client(server)));
    const workers = await Promise.all(members.map((nc) => listen(nc, 'work', { queue: 'crew' })));
    const [nc] = members;
    if (nc === undefined) throw new Error('no members');
    const watcher = await listen(nc, 'work');
    for (let i = 0; i < 300; i++) nc.publish('work', String(i));
    await nc.flush();
    await Promise.all(members.map((member) => member.flush()));
    const shares = await Promise.all(workers.map(drained));
    expect(shares.map((share) => share.length).every((share) => share > 30)).toBe(true);
    const done = shares.flat().map((message) => Number(message.string()));
    expect(done.sort((x, y) => x - y)).toEqual(times(300, (i) => i));
    expect((await drained(watcher)).length).toBe(300);
  });

  it('are all delivered before a drained connection closes', async () => {
    const server = await serve();
    const [from, to] = [await client(server), await client(server)];
    const subscription = await listen(to, 'd');
    for (let i = 0; i < 100; i++) from.publish('d');
    await from.flush();
    const received = all(subscription);
    await to.drain();
    expect((await received).length).toBe(100);
    expect(to.isClosed()).toBe(true);
  });
});

describe('request and reply', () => {
  it.each([false, true])('finds its way (noMux: %s)', async (noMux) => {
    const server = await serve();
    const [asker, service] = [await client(server), await client(server)];
    service.subscribe('upper', {
      callback: (_error, message) =>
        void message.respond(message.string().toUpperCase(), withHeader('Kind', 'reply')),
    });
    await service.flush();
    const answers = await Promise.all(
      times(50, (i) =>
        asker.request('upper', `word ${i}`, {
          timeout: 2_000,
          noMux,
          ...(noMux ? { reply: createInbox() } : {}),
        }),
      ),
    );
    expect(answers.map((answer) => answer.string())).toEqual(times(50, (i) => `WORD ${i}`));
    expect(answers[0]?.headers?.get('Kind')).toBe('reply');
  });

  it('is told at once when nobody listens', async () => {
    const nc = await client(await serve());
    const failure = await nc.request('nobody.home', '', { timeout: 5_000 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RequestError);
    expect((failure as RequestError).isNoResponders()).toBe(true);
    expect((failure as RequestError).cause).toBeInstanceOf(NoRespondersError);
  });

  it('collects several answers', async () => {
    const server = await serve();
    const nc = await client(server);
    for (const text of ['x', 'y', 'z'])
      nc.subscribe('many', { callback: (_error, message) => void message.respond(text) });
    const answers = await all(
      await nc.requestMany('many', '', { strategy: 'count', maxMessages: 3, maxWait: 1_000 }),
    );
    expect(answers.map((answer) => answer.string()).sort()).toEqual(['x', 'y', 'z']);
  });
});

function withHeader(key: string, value: string) {
  const head = headers();
  head.set(key, value);
  return { headers: head };
}

describe('permissions', () => {
  const config = `
listen: 127.0.0.1:-1
authorization { users: [
  { user: u, password: p, permissions: {
    publish: { allow: ["ok.>", "größe"], deny: "ok.not.>" }
    subscribe: { allow: ["ok.>", "_INBOX.>"], deny: ["ok.secret", "ok.work crew"] }
  } }
  { user: responder, password: p, permissions: { subscribe: service, publish: { deny: ">" }, allow_responses: { max: 1 } } }
  { user: free, password: p }
] }`;

  it.each([
    ['publish', 'ok.yes', true],
    ['publish', 'größe', true],
    ['publish', 'ok.not.this', false],
    ['publish', 'elsewhere', false],
    ['publish', 'gröse', false],
    ['subscription', 'ok.*', true],
    ['subscription', 'ok.secret', false],
    ['subscription', 'elsewhere', false],
  ])('%s of %s: %s', async (operation, subject, allowed) => {
    const server = await serve({ config });
    const nc = await client(server, { user: 'u', pass: 'p' });
    const free = await client(server, { user: 'free', pass: 'p' });
    const errors: unknown[] = [];
    void noteErrors(nc, errors);
    const heard = await listen(free, '>');
    if (operation === 'publish') nc.publish(subject);
    else nc.subscribe(subject, { callback: () => undefined });
    await nc.flush();
    await free.flush();
    const received = (await drained(heard)).map((message) => message.subject);
    expect(received).toEqual(operation === 'publish' && allowed ? [subject] : []);
    const [error] = errors;
    if (allowed) expect(error).toBeUndefined();
    else expect(error).toMatchObject({ operation, subject });
    if (!allowed) expect(error).toBeInstanceOf(PermissionViolationError);
    expect(nc.isClosed()).toBe(false);
  });

  it('a denied subject within an allowed wildcard is not delivered', async () => {
    const server = await serve({ config });
    const nc = await client(server, { user: 'u', pass: 'p' });
    const free = await client(server, { user: 'free', pass: 'p' });
    const subscription = await listen(nc, 'ok.*');
    for (const subject of ['ok.a', 'ok.secret', 'ok.b']) free.publish(subject);
    await free.flush();
    await nc.flush();
    expect((await drained(subscription)).map((message) => message.subject)).toEqual(['ok.a', 'ok.b']);
  });

  it('a responder may answer as often as it may, and nobody else', async () => {
    const server = await serve({ config });
    const responder = await client(server, { user: 'responder', pass: 'p' });
    const free = await client(server, { user: 'free', pass: 'p' });
    const errors: unknown[] = [];
    void noteErrors(responder, errors);
    responder.subscribe('service', {
      callback: (_error, message) => {
        message.respond('first');
        message.respond('second');
      },
    });
    await responder.flush();
    const inbox = createInbox();
    const subscription = await listen(free, inbox);
    free.publish('service', '', { reply: inbox });
    const [first] = await take(subscription, 1);
    await responder.flush();
    expect(first?.string()).toBe('first');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ operation: 'publish', subject: inbox });
  });
});

async function noteErrors(nc: NatsConnection, errors: unknown[]): Promise<void> {
  for await (const status of nc.status()) if (status.type === 'error') errors.push(status.error);
}

describe('connections', () => {
  it('know the server, its limits and their own address', async () => {
    const nc = await client(await serve());
    expect(nc.info).toMatchObject({ proto: 1, headers: true, max_payload: 1_048_576, jetstream: true });
    expect(nc.info?.version).toMatch(/^2\.\d+\.\d+$/);
    expect(await nc.rtt()).toBeLessThan(1_000);
  });

  it('come back to a server that was started anew, with their subscriptions', async () => {
    const first = await serve();
    const nc = await client(first, { reconnectTimeWait: 10, maxReconnectAttempts: 500 });
    const subscription = nc.subscribe('after');
    await nc.flush();
    const back = (async () => {
      for await (const status of nc.status()) if (status.type === 'reconnect') return status.server;
      return undefined;
    })();
    await first.stop();
    const second = await startServer({ port: first.port });
    try {
      expect(await back).toContain(String(first.port));
      nc.publish('after', 'again');
      const [message] = await take(subscription, 1);
      expect(message?.string()).toBe('again');
      await nc.close();
    } finally {
      await second.stop();
    }
  });

  it('log in with a token', async () => {
    const server = await serve({ config: 'listen: 127.0.0.1:-1, authorization { token: "s3cr3t" }' });
    await expect(client(server, { token: 's3cr3t' })).resolves.toBeDefined();
    await expect(client(server, { token: 'other' })).rejects.toThrow(/authorization violation/i);
    await expect(client(server)).rejects.toThrow(/authorization violation/i);
  });
});
