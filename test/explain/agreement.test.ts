import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainerFor, type Question } from '../../src/explain/index.ts';
import { startServer } from '../../src/index.ts';
import { RawClient } from '../embedding/raw-client.ts';

const tokens = fc.constantFrom('a', 'b', '*');
const pattern = fc
  .tuple(fc.array(tokens, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([words, open]) => [...words, ...(open ? ['>'] : [])].join('.'));
const literal = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((words) => words.join('.'));
const list = fc.array(pattern, { minLength: 1, maxLength: 3 });
const side = fc.record({ allow: fc.option(list), deny: fc.option(list) });
const rights = fc.record({ publish: fc.option(side), subscribe: fc.option(side) });

interface Side {
  allow: string[] | null;
  deny: string[] | null;
}

function tree(publish: Side | null, subscribe: Side | null) {
  const clean = (each: Side) => ({
    ...(each.allow === null ? {} : { allow: each.allow }),
    ...(each.deny === null ? {} : { deny: each.deny }),
  });
  const permissions = {
    ...(publish === null ? {} : { publish: clean(publish) }),
    ...(subscribe === null ? {} : { subscribe: clean(subscribe) }),
  };
  return {
    jetstream: true,
    accounts: { A: { jetstream: true, users: [{ user: 'u', password: 'p', permissions }] } },
  };
}

/** What a real client is told: refused by an error, or not. */
async function isRefused(socket: RawClient, line: string): Promise<boolean> {
  socket.received = '';
  socket.send(line, ...(line.startsWith('PUB') ? [''] : []), 'PING');
  await socket.until(/PONG/);
  return socket.received.includes('-ERR');
}

describe('explain and the server', () => {
  it('agree on what a client may publish and subscribe, both ways', async () => {
    await fc.assert(
      fc.asyncProperty(
        rights,
        fc.array(literal, { minLength: 1, maxLength: 4 }),
        list,
        async (given, subjects, patterns) => {
          const config = tree(given.publish, given.subscribe);
          const server = await startServer({ config, port: null });
          const explainer = explainerFor(config);
          const client = new RawClient(server.socket());
          client.send('CONNECT {"user":"u","pass":"p","verbose":false}');
          const acts = [
            ...subjects.map((subject) => [`PUB ${subject} 0`, { action: 'publish', subject }] as const),
            ...patterns.map(
              (subject, at) => [`SUB ${subject} ${at}`, { action: 'subscribe', subject }] as const,
            ),
            ...patterns.map(
              (subject, at) =>
                [`SUB ${subject} q q${at}`, { action: 'subscribe', subject, queue: 'q' }] as const,
            ),
          ];
          try {
            for (const [line, what] of acts) {
              const question: Question = { ...what, user: 'u' };
              expect([line, explainer.explain(question).allowed]).toEqual([
                line,
                !(await isRefused(client, line)),
              ]);
            }
          } finally {
            client.socket.destroy();
            explainer.close();
            await server.stop();
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('agree on every endpoint of the JetStream API, for tenants and the system account', async () => {
    const config =
      'jetstream: enabled\naccounts: { A: { jetstream: enabled, users: [{user: a, password: p}] }, $SYS: { users: [{user: s, password: p}] } }';
    const { ENDPOINTS } = await import('../../src/api/index.ts');
    const server = await startServer({ config, port: null });
    for (const user of ['a', 's']) {
      const client = new RawClient(server.socket());
      client.send(`CONNECT {"user":"${user}","pass":"p","verbose":false}`);
      for (const row of ENDPOINTS.filter(({ door }) => door === 'system-service')) {
        const subject = row.subject.replace('<account>', 'OTHER').replace(/<(\w+)…?>/g, '$1');
        client.received = '';
        client.send(`PUB ${subject} 0`, '', 'PING');
        await client.until(/PONG/);
        const record = server
          .auditRecords()
          .findLast((each) => each.subject === subject && each.user === user);
        const { allowed } = await server.explain({ action: 'publish', user, subject });
        expect([user, subject, allowed]).toEqual([
          user,
          subject,
          record?.granted ?? record?.rule === undefined,
        ]);
      }
      client.socket.destroy();
    }
    await server.stop();
  });
});
