import { afterEach, describe, expect, test } from 'vitest';
import { type LiveClient, LiveWorld } from './reload-world.ts';

const worlds: LiveWorld[] = [];

function world(config: string): LiveWorld {
  const made = new LiveWorld(config);
  worlds.push(made);
  return made;
}

afterEach(() => Promise.all(worlds.splice(0).map(({ server }) => server.stop())));

const user = (name: string, more = ''): string => `{user: ${name}, password: p ${more}}`;
const config = (a: string, b = '', users = `${user('a')}, ${user('o')}`): string =>
  `jetstream {}\naccounts { A { ${a} users: [${users}] }, B { ${b} users: [${user('b')}] } }`;
const ON = 'jetstream: enabled,';

let asked = 0;

/** Asks the API once. @returns the JSON of the answer, or the status line. */
async function ask(client: LiveClient, subject: string, body: object = {}): Promise<string> {
  const text = JSON.stringify(body);
  const inbox = `_I.${++asked}`;
  const answer = await client.say(`SUB ${inbox} 9${asked}`, `PUB ${subject} ${inbox} ${text.length}`, text);
  await client.say(`UNSUB 9${asked}`);
  return answer;
}

async function makeStream(client: LiveClient): Promise<void> {
  await ask(client, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.>'] });
  const durable = { stream_name: 'S', config: { durable_name: 'C', ack_policy: 'none' } };
  await ask(client, '$JS.API.CONSUMER.DURABLE.CREATE.S.C', durable);
}

const PULL = '$JS.API.CONSUMER.MSG.NEXT.S.C';

describe('JetStream of an account', () => {
  test('ends without a word when it is switched off, and begins empty when it is switched on', async () => {
    const live = world(config(ON));
    const [a, b] = [await live.as('a'), await live.as('b')];
    await makeStream(a);
    await a.say('SUB $JS.EVENT.> 1', 'SUB pulled 2', `PUB ${PULL} pulled 11`, '{"batch":3}');
    live.reload(config('', ON));
    expect(await a.take()).toBe('');
    expect(await ask(a, '$JS.API.STREAM.INFO.S')).toContain('JetStream not enabled for account');
    expect(await ask(a, 's.x')).toContain('NATS/1.0 503');
    expect(await ask(a, PULL)).toContain('NATS/1.0 503');
    expect(await ask(b, '$JS.API.INFO')).toContain('"streams":0');
    live.reload(config(ON));
    expect(await ask(a, '$JS.API.STREAM.INFO.S')).toContain('stream not found');
    expect(await ask(b, '$JS.API.INFO')).toContain('JetStream not enabled for account');
    await makeStream(a);
    expect(await ask(a, 's.x')).toContain('{"stream":"S","seq":1}');
  });

  test('keeps what it has under lower limits', async () => {
    const live = world(config(ON));
    const a = await live.as('a');
    await makeStream(a);
    await ask(a, 's.x');
    live.reload(config('jetstream: {max_streams: 1, max_file: 10, max_consumers: 1},'));
    expect(await ask(a, '$JS.API.INFO')).toContain('"max_streams":1');
    expect(await ask(a, '$JS.API.STREAM.INFO.S')).toContain('"messages":1');
    expect(await ask(a, '$JS.API.STREAM.CREATE.T', { name: 'T', subjects: ['t'] })).toContain('10027');
  });

  test('of an account that went is not there when one of its name comes again', async () => {
    const live = world(config(ON));
    await makeStream(await live.as('a'));
    live.reload(`jetstream {}\naccounts { B { users: [${user('b')}] } }`);
    live.reload(config(ON));
    expect(await ask(await live.as('a'), '$JS.API.STREAM.INFO.S')).toContain('stream not found');
  });

  test('is undisturbed where nothing changed', async () => {
    const live = world(config(ON, ON));
    const [a, b] = [await live.as('a'), await live.as('b')];
    await makeStream(a);
    await a.say('SUB pulled 2', `PUB ${PULL} pulled 11`, '{"batch":3}');
    live.reload(config(ON, ''));
    expect(await b.take()).toBe('');
    expect(await a.say('PUB s.x 1', '1')).toMatch(/^MSG s\.x 2 \$JS\.ACK\.S\.C\.1\.1\.1\.\d+\.0 1\|1\|$/);
  });

  test('goes and comes with that of the server', async () => {
    const live = world(config(ON));
    const a = await live.as('a');
    await makeStream(a);
    live.reload(config('').replace('jetstream {}', 'max_payload: 10000'));
    expect(await ask(a, '$JS.API.INFO')).toContain('NATS/1.0 503');
    live.reload(config(ON));
    expect(await ask(a, '$JS.API.INFO')).toContain('"streams":0');
  });
});

/** A pull request waits under the reply subject `pulled`, on which another user of the account listens as well. */
describe('a pull request that waits', () => {
  const may = (publish: string): string =>
    `${user('a', `, permissions: {publish: ${publish}}`)}, ${user('o')}`;

  test.each<[string, string, boolean]>([
    ['whoever asked may still ask', config(ON, '', may('["$JS.API.>", "s.>", x]')), true],
    ['nothing changed for whoever asked', config(ON, '', may('["$JS.API.>", "s.>"]')), true],
    ['whoever asked may not ask any more', config(ON, '', may('"s.>"')), false],
    ['whoever asked is gone', config(ON, '', user('o')), false],
  ])('%s', async (_what, after, served) => {
    const live = world(config(ON, '', may('["$JS.API.>", "s.>"]')));
    const [a, o] = [await live.as('a'), await live.as('o')];
    await makeStream(o);
    await o.say('SUB pulled 2');
    await a.say(`PUB ${PULL} pulled 11`, '{"batch":3}');
    live.reload(after);
    const got = await o.say('PUB s.x 1', '1');
    expect(got.includes('MSG s.x 2')).toBe(served);
  });
});
