import { describe, expect, it } from 'vitest';
import { Doors } from '../../src/accounts/index.ts';
import { limits } from '../../src/base/index.ts';
import { SystemHouse } from '../../src/server/system-house.ts';
import { EVENTS } from '../../src/system/index.ts';
import { Asker, type Received, serve } from './support.ts';

const WORLD = `
  accounts: {
    SYS: { users: [{user: sys, password: sys}] }
    A: { users: [{user: a, password: a}] }
    B: { users: [{user: b, password: b}], limits: { max_connections: 1 } }
  }
  system_account: SYS`;

/** What an event is about, for comparison: subject without ids, and the fields that tell. */
function told({ subject, payload }: Received, id: string): unknown[] {
  const event = JSON.parse(payload) as Record<string, never>;
  const client = event['client'] as Record<string, unknown> | undefined;
  const facts = client === undefined ? [event['conns']] : [client['user'], event['reason']];
  return [subject.replace(id, '<id>'), ...facts.filter((fact) => fact !== undefined)];
}

async function watched(config = WORLD): Promise<{
  server: ReturnType<typeof serve>;
  events: () => Promise<unknown[][]>;
  raw: () => Promise<Received[]>;
}> {
  const server = serve(config);
  const watcher = await Asker.as(server, 'sys');
  const subjects = ['$SYS.ACCOUNT.*.CONNECT', '$SYS.ACCOUNT.*.DISCONNECT', '$SYS.ACCOUNT.*.SERVER.CONNS'];
  subjects.push('$SYS.SERVER.ACCOUNT.*.CONNS', `$SYS.SERVER.${server.id}.CLIENT.AUTH.ERR`);
  await watcher.say(...subjects.map((subject, at) => `SUB ${subject} ${at + 1}`));
  const raw = (): Promise<Received[]> => watcher.received();
  await raw();
  return { server, raw, events: async () => (await raw()).map((event) => told(event, server.id)) };
}

describe('SystemEvents', () => {
  it('tells of a client that comes and goes, in the order of the real server', async () => {
    const { server, events } = await watched();
    const client = await Asker.as(server, 'a');
    expect(await events()).toEqual([
      ['$SYS.SERVER.ACCOUNT.A.CONNS', 1],
      ['$SYS.ACCOUNT.A.SERVER.CONNS', 1],
      ['$SYS.ACCOUNT.A.CONNECT', 'a'],
    ]);
    client.close();
    await expect.poll(() => server.connectionCount).toBe(1);
    expect(await events()).toEqual([
      ['$SYS.SERVER.ACCOUNT.A.CONNS', 0],
      ['$SYS.ACCOUNT.A.SERVER.CONNS', 0],
      ['$SYS.ACCOUNT.A.DISCONNECT', 'a', 'Client Closed'],
    ]);
  });

  it('names the reason of each end', async () => {
    const { server, events } = await watched();
    const ends: [string, (client: Asker) => void][] = [
      ['Protocol Violation', (client) => client.send('PUB')],
      ['Maximum Message Payload Exceeded', (client) => client.send('PUB x 99999999')],
      ['Kicked', () => void server.disconnect(({ user }) => user === 'a')],
    ];
    const reasons: unknown[] = [];
    for (const [, end] of ends) {
      const client = await Asker.as(server, 'a');
      end(client);
      await client.settled();
      reasons.push((await events()).at(-1)?.at(-1));
    }
    // The real server calls a malformed line a violation of the protocol, this one an error of the parser.
    expect(reasons).toEqual(['Parse Error', 'Maximum Message Payload Exceeded', 'Kicked']);
  });

  it('tells of a failed login twice, and of one that never came once', async () => {
    const { server, events } = await watched();
    const wrong = new (class {
      readonly socket = server.socket();
    })();
    wrong.socket.on('error', () => undefined).resume();
    wrong.socket.write('CONNECT {"user":"mallory","pass":"guess"}\r\n');
    await expect.poll(() => server.connectionCount).toBe(1);
    expect(await events()).toEqual([
      ['$SYS.SERVER.<id>.CLIENT.AUTH.ERR', 'mallory', 'Authentication Failure'],
      ['$SYS.ACCOUNT.$G.DISCONNECT', 'mallory', 'Authentication Failure'],
    ]);
    server.socket().destroy();
    await expect.poll(() => server.connectionCount).toBe(1);
    expect(await events()).toEqual([['$SYS.ACCOUNT.$G.DISCONNECT', 'Client Closed']]);
  });

  it('never shows a password', async () => {
    const { server, raw } = await watched();
    for (const pass of ['s3cret-wrong', 's3cret-other']) {
      const socket = server.socket();
      socket.on('error', () => undefined).resume();
      socket.write(`CONNECT {"user":"a","pass":"${pass}","auth_token":"${pass}","jwt":"${pass}"}\r\n`);
    }
    await expect.poll(() => server.connectionCount).toBe(1);
    const all = await raw();
    expect(all.length).toBeGreaterThan(2);
    expect(JSON.stringify(all)).not.toContain('s3cret');
  });

  it('bounds what strangers can make it say', async () => {
    const { server, raw } = await watched(WORLD);
    for (let i = 0; i < limits.AUTH_EVENTS_PER_SECOND * 3; i++) {
      const socket = server.socket();
      socket.on('error', () => undefined).resume();
      socket.write('CONNECT {"user":"x","pass":"y"}\r\n');
    }
    await expect.poll(() => server.connectionCount, { timeout: 5_000 }).toBe(1);
    const events = await raw();
    // Two subjects for each; the flood may last into a second or third window.
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(limits.AUTH_EVENTS_PER_SECOND * 6);
  });

  it('repeats its statistics, and the connections of accounts that have some', async () => {
    const server = serve(WORLD);
    const watcher = await Asker.as(server, 'sys');
    await watcher.say(`SUB $SYS.SERVER.${server.id}.STATSZ 1`, 'SUB $SYS.ACCOUNT.*.SERVER.CONNS 2');
    await watcher.received();
    const booked: { ms: number; task: () => void; isOff: boolean }[] = [];
    const house = new SystemHouse({
      server,
      doors: new Doors(server.accounts),
      process: { memory: () => 1, cores: 1, cpu: () => 0, memoryStats: () => ({}), waitsFor: () => ({}) },
      loaded: undefined,
      listeners: () => ({ certificateEnd: undefined, websocketPort: 0, websocketCertificateEnd: undefined }),
      jetstream: () => undefined,
      reload: async () => undefined,
      settle: () => server.settle(),
      after: (ms, task) => {
        const entry = { ms, task, isOff: false };
        booked.push(entry);
        return {
          cancel: () => {
            entry.isOff = true;
          },
        };
      },
    });
    expect(booked.map(({ ms }) => ms)).toEqual([10_000]);
    for (let beat = 0; beat < 3; beat++) booked.at(-1)?.task();
    expect((await watcher.received()).map(({ sid }) => sid)).toEqual(['1', '1', '1']);
    const account = server.accounts.system;
    if (account === undefined) throw new Error('there is a system account');
    house.left({} as never, account);
    expect(booked.at(-1)).toMatchObject({ ms: 30_000, isOff: false });
    booked.at(-1)?.task();
    expect((await watcher.received()).map(({ sid }) => sid)).toEqual(['2', '2']);
    house.shutdown();
    expect(booked.slice(-1).every(({ isOff }) => isOff)).toBe(true);
  });

  it('stays inside the system account', async () => {
    const { server } = await watched();
    const spy = await Asker.as(server, 'a');
    await spy.say('SUB > 1');
    await Asker.as(server, 'b');
    expect((await spy.received()).filter(({ subject }) => subject.startsWith('$SYS'))).toEqual([]);
  });

  it('has a subject in the table for everything it says', () => {
    for (const { subject } of Object.values(EVENTS)) expect(subject).toMatch(/^\$SYS\.(ACCOUNT|SERVER)\./);
  });

  it('says goodbye', async () => {
    const server = serve(WORLD);
    const watcher = await Asker.as(server, 'sys');
    await watcher.say(`SUB $SYS.SERVER.${server.id}.SHUTDOWN 1`);
    await server.stop();
    await watcher.until('SHUTDOWN');
    expect(watcher.text).toContain(`MSG $SYS.SERVER.${server.id}.SHUTDOWN 1`);
    expect(watcher.text).toContain(`"id":"${server.id}"`);
  });
});
