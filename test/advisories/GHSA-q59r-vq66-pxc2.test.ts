import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { get, json, monitored } from '../server/monitoring-support.ts';
import { Asker, serve } from '../system/support.ts';

/**
 * A tenant's page of connections with an offset near 2⁶³: offset and limit added became negative, and the process ended.
 * The promise: a tenant's monitoring request touches its own account and cannot harm the server.
 */
const WORLD = `
  jetstream: enabled
  accounts: {
    SYS: { users: [{user: sys, password: sys}] }
    A: { jetstream: enabled, users: [{user: a, password: a}] }
    B: { users: [{user: b, password: b}] }
  }
  system_account: SYS`;

const MOST = '9223372036854775807';
const LEAST = '-9223372036854775808';
const NUMBERS = [MOST, LEAST, '9223372036854775806', '9007199254740993', '-1', '0', '1', '4294967296'];
const TENANT = ['$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.SERVER.PING.CONNZ'];
const SYSTEM = [
  '$SYS.REQ.SERVER.PING.CONNZ',
  '$SYS.REQ.SERVER.PING.SUBSZ',
  '$SYS.REQ.SERVER.PING.JSZ',
  '$SYS.REQ.ACCOUNT.A.CONNZ',
  '$SYS.REQ.ACCOUNT.A.SUBSZ',
];

const bodies = NUMBERS.flatMap((offset) =>
  NUMBERS.map((limit) => `{"offset":${offset},"limit":${limit},"subscriptions":true,"accounts":true}`),
);

describe('GHSA-q59r-vq66-pxc2', () => {
  it('a tenant gets a page, empty where the offset lies behind the end', async () => {
    const server = serve(WORLD);
    const [tenant, other] = [await Asker.as(server, 'a'), await Asker.as(server, 'b')];
    const page = await tenant.data('$SYS.REQ.ACCOUNT.PING.CONNZ', `{"offset":${MOST},"limit":10}`);
    expect(page).toMatchObject({ num_connections: 0, total: 1, limit: 10, connections: [] });
    // The twin: inside the list the entry is there.
    expect(await tenant.data('$SYS.REQ.ACCOUNT.PING.CONNZ', '{"offset":0,"limit":10}')).toMatchObject({
      num_connections: 1,
    });
    expect(await other.ask('$SYS.REQ.USER.INFO')).toHaveLength(1);
  });

  it.each([
    ['a', TENANT],
    ['sys', SYSTEM],
  ])('user %s is answered for every pair of numbers at the edges', async (user, subjects) => {
    const server = serve(WORLD);
    const asker = await Asker.as(server, user);
    for (const subject of subjects) {
      for (const body of bodies) {
        const reply = await asker.object(subject, body);
        expect(reply, body).not.toHaveProperty('error');
      }
    }
  });

  it('what is no number of 64 bits is refused, not computed with', async () => {
    const tenant = await Asker.as(serve(WORLD), 'a');
    for (const offset of ['9223372036854775808', '1.5', '"1"', '1e3', '{}', '[]', 'true']) {
      const reply = await tenant.object('$SYS.REQ.ACCOUNT.PING.CONNZ', `{"offset":${offset}}`);
      expect(reply['error'], offset).toMatchObject({ code: 400 });
    }
  });

  it.each([
    ['/connz?', 'connections'],
    ['/connz?state=any&sort=subs&', 'connections'],
    ['/subsz?subs=1&', 'subscriptions_list'],
    ['/subsz?subs=1&acc=A&', 'subscriptions_list'],
    ['/jsz?accounts=1&streams=1&', 'account_details'],
  ])('%s over HTTP is the part of the list that was asked for, whatever the numbers', async (page, list) => {
    const server = await monitored(WORLD);
    for (const user of ['a', 'a', 'b', 'sys']) await Asker.as(server, user);
    type Listing = Record<string, unknown[] | undefined>;
    // Moments and counters go on between two requests: entries are told by what does not.
    const keys = (listing: Listing): string[] =>
      (listing[list] ?? []).map((entry) => {
        const { cid, sid, subject, account, name } = entry as Record<string, unknown>;
        return JSON.stringify({ cid, sid, subject, account, name });
      });
    const all = keys(await json<Listing>(server, `${page}limit=65536`));
    expect(all.length).toBeGreaterThan(0);
    const number = fc.oneof(
      fc.constantFrom(...NUMBERS),
      fc.integer({ min: -3, max: all.length + 3 }).map(String),
    );
    await fc.assert(
      fc.asyncProperty(number, number, async (offset, limit) => {
        const got = keys(await json<Listing>(server, `${page}offset=${offset}&limit=${limit}`));
        const start = BigInt(offset) < 0n ? 0n : BigInt(offset);
        const size = BigInt(limit) <= 0n ? 1024n : BigInt(limit);
        expect(got).toEqual(all.filter((_, at) => BigInt(at) >= start && BigInt(at) < start + size));
      }),
      { numRuns: 40 },
    );
  });

  it('what is no number of 64 bits is refused over HTTP too', async () => {
    const server = await monitored(WORLD);
    for (const page of ['connz', 'subsz', 'jsz']) {
      for (const offset of [
        '9223372036854775808',
        '-9223372036854775809',
        '1.5',
        '1e3',
        '0x1',
        'NaN',
        '%00',
      ]) {
        const { status, body } = await get(server, `/${page}?offset=${offset}`);
        expect({ status, body }, offset).toEqual({
          status: 400,
          body: expect.stringContaining("int for 'offset'"),
        });
      }
    }
  });
});
