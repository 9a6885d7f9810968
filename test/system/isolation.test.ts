import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Asker, serve } from './support.ts';

/** The marks of an account stand in everything that belongs to it: names, users, subjects, queues, client names. */
interface Tenant {
  readonly mark: string;
  readonly clients: number;
  readonly subscriptions: readonly string[];
  readonly leaves: boolean;
}

const tenant = (at: number): fc.Arbitrary<Tenant> =>
  fc.record({
    mark: fc.constant(`MARK${at}X`),
    clients: fc.integer({ min: 0, max: 3 }),
    subscriptions: fc.array(fc.constantFrom('s.a', 's.*', '>', 'q.b work'), { maxLength: 3 }),
    leaves: fc.boolean(),
  });

const world = fc.tuple(tenant(0), tenant(1), tenant(2));

function configOf(tenants: readonly Tenant[]): string {
  const accounts = tenants.map(
    ({ mark }) =>
      `${mark}: { jetstream: enabled, users: [{user: u${mark}, password: u${mark}}, {user: v${mark}, password: v${mark}}],
        exports: [{service: "svc.${mark}.>"}] }`,
  );
  return `jetstream: enabled
    accounts: { SYS: { users: [{user: sys, password: sys}] }\n${accounts.join('\n')} }
    system_account: SYS`;
}

/** All that a tenant may write: own names for services, other accounts' names, bodies that name others. */
function requestsAgainst(others: readonly string[], id: string): [string, string][] {
  const bodies = [
    '',
    '{"auth":true,"subscriptions_detail":true,"state":2}',
    '{"state":1,"auth":true}',
    '{"include_unused":true}',
    ...others.flatMap((other) => [
      `{"acc":"${other}","account":"${other}","accounts":["${other}"],"include_unused":true,"auth":true}`,
      `{"accounts":["${other}"],"include_unused":true}`,
      `{"acc":"${other}","user":"u${other}","auth":true,"state":2}`,
      `{"acc":"${other}","filter_subject":"s.a"}`,
    ]),
  ];
  const subjects = [
    '$SYS.REQ.ACCOUNT.PING.CONNZ',
    '$SYS.REQ.SERVER.PING.CONNZ',
    '$SYS.REQ.ACCOUNT.PING.STATZ',
    '$SYS.REQ.USER.INFO',
    `$SYS.REQ.SERVER.${id}.CONNZ`,
    '$SYS.REQ.SERVER.PING.SUBSZ',
    '$SYS.REQ.ACCOUNT.NSUBS',
    '$SYS.DEBUG.SUBSCRIBERS',
    ...others.flatMap((other) =>
      ['CONNZ', 'SUBSZ', 'STATZ', 'INFO', 'JSZ', 'CONNS'].map((name) => `$SYS.REQ.ACCOUNT.${other}.${name}`),
    ),
    ...others.map((other) => `$SYS.REQ.USER.${other}.INFO`),
  ];
  return subjects.flatMap((subject) => bodies.map((body): [string, string] => [subject, body]));
}

describe('a reply to a tenant', () => {
  it('holds no mark of another account, whatever subject and body say', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (tenants) => {
        const server = serve(configOf(tenants));
        for (const { mark, clients, subscriptions, leaves } of tenants) {
          for (let at = 0; at < clients; at++) {
            const client = await Asker.as(server, at % 2 === 0 ? `u${mark}` : `v${mark}`, `name-${mark}`);
            for (const [sid, each] of subscriptions.entries()) {
              const [subject, queue] = each.split(' ');
              await client.say(
                `SUB ${subject === '>' ? '>' : `${subject}.${mark}`} ${queue ? `${queue}${mark} ` : ''}${sid + 1}`,
              );
            }
            await client.say(`PUB s.a.${mark} 4`, 'text');
            if (leaves && at === 0) client.close();
          }
        }
        const [attacker, ...others] = tenants;
        const asker = await Asker.as(server, `u${attacker.mark}`);
        let answered = 0;
        for (const [subject, body] of requestsAgainst(
          others.map(({ mark }) => mark),
          server.id,
        )) {
          for (const answer of await asker.ask(subject, body)) {
            if (answer !== '503') answered++;
            for (const { mark } of others) expect(answer, `${subject} ${body}`).not.toContain(mark);
          }
        }
        // The test looked at something: its own services answered, with its own marks.
        expect(answered).toBeGreaterThan(10);
        expect(JSON.stringify(await asker.data('$SYS.REQ.ACCOUNT.PING.STATZ'))).toContain(attacker.mark);
        await server.stop();
      }),
      { numRuns: 4 },
    );
  }, 30_000);

  it('does not depend on what others do', async () => {
    const seen = async (othersAct: boolean): Promise<unknown[]> => {
      const server = serve(
        configOf([
          { mark: 'MARK0X', clients: 0, subscriptions: [], leaves: false },
          { mark: 'MARK1X', clients: 0, subscriptions: [], leaves: false },
        ]),
        { clock: 'manual', seed: 1 },
      );
      const asker = await Asker.as(server, 'uMARK0X');
      if (othersAct) {
        const other = await Asker.as(server, 'uMARK1X', 'loud');
        await other.say('SUB > 1', 'PUB a 1', 'x');
        await other.ask('$SYS.REQ.USER.INFO');
        await other.ask('$SYS.REQ.ACCOUNT.PING.CONNZ');
        (await Asker.as(server, 'vMARK1X')).close();
      }
      const subjects = ['$SYS.REQ.USER.INFO', '$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.ACCOUNT.PING.STATZ'];
      const replies: unknown[] = [];
      for (const subject of subjects) replies.push(await asker.object(subject, '{"state":2,"auth":true}'));
      return replies;
    };
    expect(await seen(true)).toEqual(await seen(false));
  });

  it('counts its sequence for each receiving account alone', async () => {
    const server = serve(
      configOf([
        { mark: 'MARK0X', clients: 0, subscriptions: [], leaves: false },
        { mark: 'MARK1X', clients: 0, subscriptions: [], leaves: false },
      ]),
    );
    const [one, two] = [await Asker.as(server, 'uMARK0X'), await Asker.as(server, 'uMARK1X')];
    const seqOf = async (asker: Asker): Promise<unknown> =>
      ((await asker.object('$SYS.REQ.USER.INFO'))['server'] as { seq: number }).seq;
    expect([await seqOf(one), await seqOf(one), await seqOf(two), await seqOf(one)]).toEqual([1, 2, 1, 3]);
  });
});
