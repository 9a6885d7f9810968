import { describe, expect, it } from 'vitest';
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
});
