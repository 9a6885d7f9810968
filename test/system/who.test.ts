import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../src/system/index.ts';
import { type Answers, Asker, RECORDED_WORLD, serve } from './support.ts';

type Outcome = 'reply' | '503' | 'silent';

function outcomeOf(answers: Answers): Outcome {
  if (answers.length === 0) return 'silent';
  return answers[0] === '503' ? '503' : 'reply';
}

/** What each kind of caller gets, measured on 2.14.5: a tenant, and a user of the system account. */
const FACTS: readonly (readonly [string, string, Outcome, Outcome])[] = [
  ['$SYS.REQ.SERVER.PING', '', '503', 'reply'],
  ...[
    'STATSZ',
    'IDZ',
    'VARZ',
    'SUBSZ',
    'ROUTEZ',
    'GATEWAYZ',
    'LEAFZ',
    'ACCOUNTZ',
    'JSZ',
    'HEALTHZ',
    'EXPVARZ',
    'IPQUEUESZ',
    'RAFTZ',
    'PROFILEZ',
  ].flatMap((name): [string, string, Outcome, Outcome][] => [
    [`$SYS.REQ.SERVER.PING.${name}`, '', '503', 'reply'],
    [`$SYS.REQ.SERVER.<server>.${name}`, '', '503', 'reply'],
  ]),
  ['$SYS.REQ.SERVER.PING.CONNZ', '', 'reply', 'reply'],
  ['$SYS.REQ.SERVER.<server>.CONNZ', '', '503', 'reply'],
  // Not of the real server; it has a test of its own.
  ['$SYS.REQ.SERVER.PING.EXPLAIN', '{}', '503', 'reply'],
  ['$SYS.REQ.SERVER.NOBODY.VARZ', '', '503', '503'],
  ['$SYS.REQ.SERVER.PING.ZORK', '', '503', '503'],
  ['$SYS.REQ.SERVER.PING.RELOAD', '', '503', '503'],
  ['$SYS.REQ.SERVER.PING.KICK', '', '503', '503'],
  ['$SYS.REQ.SERVER.<server>.KICK', '{"cid":99999}', '503', 'reply'],
  ['$SYS.REQ.SERVER.<server>.KICK', 'bad', '503', 'silent'],
  ['$SYS.REQ.SERVER.<server>.KICK', '', '503', 'silent'],
  ['$SYS.REQ.SERVER.<server>.LDM', '{"cid":99999}', '503', 'reply'],
  ['$SYS.REQ.SERVER.<server>.LDM', 'bad', '503', 'silent'],
  ['$SYS.REQ.ACCOUNT.PING.CONNZ', '', 'reply', 'reply'],
  ['$SYS.REQ.ACCOUNT.PING.STATZ', '', 'reply', 'reply'],
  ...['CONNZ', 'SUBSZ', 'LEAFZ', 'JSZ', 'INFO', 'STATZ', 'CONNS'].flatMap(
    (name): [string, string, Outcome, Outcome][] => [
      [`$SYS.REQ.ACCOUNT.A.${name}`, '', '503', 'reply'],
      [`$SYS.REQ.ACCOUNT.B.${name}`, '', '503', 'reply'],
    ],
  ),
  ['$SYS.REQ.ACCOUNT.EMPTY.STATZ', '', '503', 'silent'],
  ['$SYS.REQ.ACCOUNT.EMPTY.STATZ', '{"include_unused":true}', '503', 'reply'],
  ['$SYS.REQ.ACCOUNT.EMPTY.CONNS', '', '503', 'silent'],
  ['$SYS.REQ.ACCOUNT.ZZ.CONNZ', '', '503', 'reply'],
  ['$SYS.REQ.ACCOUNT.ZZ.STATZ', '', '503', 'silent'],
  ['$SYS.REQ.ACCOUNT.A.ZORK', '', '503', '503'],
  ['$SYS.REQ.ACCOUNT.NSUBS', '{"acc":"A","subject":"x"}', '503', 'reply'],
  ['$SYS.REQ.ACCOUNT.NSUBS', 'bad', '503', 'silent'],
  ['$SYS.REQ.ACCOUNT.NSUBS', '{"acc":"ZZ","subject":"x"}', '503', 'silent'],
  ['$SYS.DEBUG.SUBSCRIBERS', 'foo', '503', 'reply'],
  ['$SYS.REQ.USER.INFO', '', 'reply', 'reply'],
  ['$SYS.REQ.USER.A.INFO', '', '503', 'reply'],
  ['$SYS.REQ.USER.B.INFO', '', '503', 'reply'],
];

describe('a service of the system account', () => {
  it('answers those whom the real server answers, and nobody else', async () => {
    const server = serve(RECORDED_WORLD);
    const [tenant, system] = [await Asker.as(server, 'a'), await Asker.as(server, 'sys')];
    await Asker.as(server, 'b');
    const got: unknown[] = [];
    for (const [subject, body] of FACTS) {
      const real = subject.replace('<server>', server.id);
      got.push([
        subject,
        body,
        outcomeOf(await tenant.ask(real, body)),
        outcomeOf(await system.ask(real, body)),
      ]);
    }
    expect(got).toEqual(FACTS);
  });

  it('stands in that list, whichever it is', () => {
    const asked = new Set(
      FACTS.map(([subject]) => subject.replace(/\.(ACCOUNT|USER)\.A\./, '.$1.<account>.')),
    );
    const missing = SERVICES.map(({ subject }) => subject).filter((subject) => !asked.has(subject));
    // RELOAD answers after a turn of the event loop: it has a test of its own.
    expect(missing).toEqual(['$SYS.REQ.SERVER.<server>.RELOAD']);
  });

  it('reaches a tenant over an export that the system account declares', async () => {
    const server = serve(`
      accounts: {
        SYS: { users: [{user: sys, password: sys}]
               exports: [{service: "$SYS.REQ.ACCOUNT.B.STATZ", accounts: [M]}, {service: "$SYS.DEBUG.SUBSCRIBERS"}] }
        B: { users: [{user: b, password: b}] }
        M: { users: [{user: m, password: m}]
             imports: [{service: {account: SYS, subject: "$SYS.REQ.ACCOUNT.B.STATZ"}},
                       {service: {account: SYS, subject: "$SYS.DEBUG.SUBSCRIBERS"}}] }
      }
      system_account: SYS`);
    const [watcher, stranger] = [await Asker.as(server, 'm'), await Asker.as(server, 'b')];
    await watcher.say('SUB q 1', 'SUB q w 2');
    const counts: string[] = [];
    for (const body of ['q', 'q w', 'q z', '*'])
      counts.push(...(await watcher.ask('$SYS.DEBUG.SUBSCRIBERS', body)));
    expect(counts).toEqual(['2', '1', '0', '2']);
    const { account_statz: stats } = await watcher.data<{ account_statz: { acc: string }[] }>(
      '$SYS.REQ.ACCOUNT.B.STATZ',
    );
    expect(stats.map(({ acc }) => acc)).toEqual(['B']);
    expect(await stranger.ask('$SYS.DEBUG.SUBSCRIBERS', 'q')).toEqual(['503']);
    expect(await stranger.ask('$SYS.REQ.ACCOUNT.B.STATZ')).toEqual(['503']);
  });
});
