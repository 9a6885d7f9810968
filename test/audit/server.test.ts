import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrivalsOf, type Outflow, outflowOf } from '../../src/audit/flows.ts';
import { type Realm, World } from '../../src/audit/world.ts';
import { startServer } from '../../src/index.ts';
import { type ByteString, toBytes } from '../../src/subjects/index.ts';
import { RawClient } from '../embedding/raw-client.ts';
import { type AccountTree, optionsOf, subjectsUpTo, treeOf, worlds } from './worlds.ts';

const PUBLISHED = subjectsUpTo(3, ['a', 'b']);
const NAMES = subjectsUpTo(3, ['a', 'b', 'c']);
const HEARD = [...NAMES, ...NAMES.map((name) => `p.${name}` as ByteString)];

/** What a client of an account has there when it publishes a subject. */
function mapped(realm: Realm, subject: ByteString): ByteString {
  for (const { published, transform } of realm.range.routes) {
    if (published.has(subject)) return transform.apply(subject, { below: () => 0 }) ?? subject;
  }
  return subject;
}

/** Who gets what in another account, by the auditor: `receiver subject published by`. */
function foretold(world: World, accounts: readonly AccountTree[]): string[] {
  const told = new Set<string>();
  for (const { name } of accounts) {
    const from = world.named(toBytes(name)) as Realm;
    const outflow: Outflow = outflowOf(from, world, 1_000);
    const [sender] = from.people;
    for (const published of PUBLISHED) {
      const subject = mapped(from, published);
      if (!sender?.sends.has(subject)) continue;
      for (const { to, subject: arrives } of arrivalsOf(outflow, subject)) {
        if (to !== from && HEARD.includes(arrives) && to.people[0]?.hears.has(arrives))
          told.add(`${to.text} ${arrives} ${name}/${published}`);
      }
    }
  }
  return [...told].sort();
}

/** The same, by publishing everything on a running server. */
async function observed(accounts: readonly AccountTree[]): Promise<string[]> {
  await using server = await startServer({ config: treeOf(accounts), port: null });
  const clients = accounts.map(({ name }) => ({ name, client: new RawClient(server.socket()) }));
  for (const { name, client } of clients) {
    const user = name.toLowerCase();
    client.send(`CONNECT {"verbose":false,"headers":true,"user":"${user}","pass":"${user}"}`);
    client.send(...HEARD.map((subject, at) => `SUB ${subject} ${at + 1}`), 'PING');
    await client.until(/PONG\r\n/);
  }
  for (const { name, client } of clients) {
    client.received = client.received.replace(/PONG\r\n/g, '');
    for (const subject of PUBLISHED) {
      const mark = `${name}/${subject}`;
      client.send(`PUB ${subject} ${mark.length}`, mark);
    }
    client.send('PING');
    await client.until(/PONG\r\n/);
  }
  const seen = new Set<string>();
  for (const { name, client } of clients) {
    client.received = client.received.replace(/PONG\r\n/g, '');
    client.send('PING');
    await client.until(/PONG\r\n/);
    const messages = /^H?MSG (\S+) \d+ .*\r\n(?:NATS\/1\.0[\s\S]*?\r\n\r\n)?(\w\/\S+)\r\n/gm;
    for (const [, subject, mark = ''] of client.received.matchAll(messages))
      if (!mark.startsWith(`${name}/`)) seen.add(`${name} ${subject} ${mark}`);
    client.socket.destroy();
  }
  return [...seen].sort();
}

describe('the auditor and the server', () => {
  it('agree on everything that crosses, both ways', async () => {
    let crossings = 0;
    await fc.assert(
      fc.asyncProperty(worlds, async (accounts) => {
        const options = optionsOf(accounts);
        fc.pre(options !== undefined);
        if (options === undefined) return;
        const expected = foretold(new World(options), accounts);
        expect(await observed(accounts)).toEqual(expected);
        crossings += expected.length;
      }),
      { numRuns: 60 },
    );
    expect(crossings).toBeGreaterThan(20);
  });
});
