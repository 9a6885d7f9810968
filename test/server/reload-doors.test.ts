import { afterEach, describe, expect, test } from 'vitest';
import { LiveWorld } from './reload-world.ts';

const worlds: LiveWorld[] = [];

afterEach(() => Promise.all(worlds.splice(0).map(({ server }) => server.stop())));

interface Doors {
  readonly exports?: string;
  readonly imports?: string;
  /** Imports of a third account. */
  readonly others?: string;
}

const STREAM = '{stream: st.>}';
const SERVICE = '{service: svc}';
const TAKES_STREAM = '{stream: {account: A, subject: st.>}}';
const TAKES_SERVICE = '{service: {account: A, subject: svc}}';
const OPEN: Doors = {
  exports: `${STREAM}, ${SERVICE}`,
  imports: `${TAKES_STREAM}, ${TAKES_SERVICE}`,
  others: `${TAKES_STREAM}, ${TAKES_SERVICE}`,
};

function config({ exports = '', imports = '', others = '' }: Doors): string {
  const users = (name: string): string => `users: [{user: ${name}, password: p}]`;
  return `accounts {
    A { ${users('a')}, exports: [${exports}] }
    B { ${users('b')}, imports: [${imports}] }
    C { ${users('c')}, imports: [${others}] }
  }`;
}

async function opened() {
  const live = new LiveWorld(config(OPEN));
  worlds.push(live);
  const [a, b, c] = [await live.as('a'), await live.as('b'), await live.as('c')];
  await a.say('SUB svc 1');
  for (const client of [b, c]) await client.say('SUB st.> 1', 'SUB in 2');
  /** What B and C get of a stream message, and of a request. */
  const probe = async (): Promise<string[]> => {
    a.write('PUB st.x 1', 'x');
    for (const client of [b, c]) client.write('PUB svc in 1', 'q');
    const requests = await a.take();
    for (const [, reply] of requests.matchAll(/HMSG svc 1 (_R_\S+)/g)) a.write(`PUB ${reply} 2`, 'ok');
    return [await b.take(), await c.take()].map((text) => text.replaceAll(/\|(?=MSG|HMSG)/g, '| '));
  };
  return { live, a, b, c, probe };
}

const BOTH = 'MSG st.x 1 1|x| MSG in 2 2|ok|';
const ONLY_STREAM = 'MSG st.x 1 1|x| HMSG in 2 35 35|NATS/1.0 503|Nats-Subject: svc|||';
const ONLY_SERVICE = 'MSG in 2 2|ok|';
const NEITHER = 'HMSG in 2 35 35|NATS/1.0 503|Nats-Subject: svc|||';

describe('doors between accounts', () => {
  test.each<[string, Doors, string, string]>([
    ['stay', OPEN, BOTH, BOTH],
    ['lose the import of a service', { ...OPEN, imports: TAKES_STREAM }, ONLY_STREAM, BOTH],
    ['lose the import of a stream', { ...OPEN, imports: TAKES_SERVICE }, ONLY_SERVICE, BOTH],
    [
      'lose an export',
      { ...OPEN, exports: STREAM, imports: TAKES_STREAM, others: TAKES_STREAM },
      ONLY_STREAM,
      ONLY_STREAM,
    ],
    [
      'become private',
      { exports: '{stream: st.>, accounts: [C]}, {service: svc, accounts: [C]}', others: OPEN.others ?? '' },
      NEITHER,
      BOTH,
    ],
    ['close', {}, NEITHER, NEITHER],
  ])('%s, and open again', async (_what, after, ofB, ofC) => {
    const { live, probe } = await opened();
    expect(await probe()).toEqual([BOTH, BOTH]);
    live.reload(config(after));
    expect(await probe()).toEqual([ofB, ofC]);
    live.reload(config(OPEN));
    expect(await probe()).toEqual([BOTH, BOTH]);
  });

  test('a way back closes with the door it leads through; that of a door that stays does not', async () => {
    const { live, a, b, c } = await opened();
    await b.say('PUB svc in 1', 'q');
    await c.say('PUB svc in 1', 'q');
    const ways = [...(await a.take()).matchAll(/_R_\S+/g)].map(([reply]) => reply);
    live.reload(config({ ...OPEN, imports: TAKES_STREAM }));
    for (const reply of ways) await a.say(`PUB ${reply} 4`, 'late');
    expect(await b.take()).toBe('');
    expect(await c.take()).toBe('MSG in 2 4|late|');
  });

  test('the system services and JetStream reach an account that comes', async () => {
    const { live } = await opened();
    live.reload(`${config(OPEN).slice(0, -1)} D { users: [{user: d, password: p}] } }`);
    const d = await live.as('d');
    expect(await d.say('SUB in 1', 'PUB $SYS.REQ.USER.INFO in 0', '')).toContain('"account":"D"');
  });
});
