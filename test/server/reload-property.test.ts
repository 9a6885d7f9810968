import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LiveClient, LiveWorld } from './reload-world.ts';

/**
 * After any sequence of reloads a server behaves as one that was started with the last configuration: those who may
 * stay do not differ from those who come, and nothing of what was is left behind.
 */
interface UserSpec {
  readonly there: boolean;
  readonly secret: 'p' | 'q';
  readonly publish: string | undefined;
  readonly subscribe: string | undefined;
}

interface World {
  readonly users: readonly UserSpec[];
  readonly isAThere: boolean;
  readonly maxConnections: number;
  readonly jetstream: boolean;
  readonly exported: boolean;
  readonly imports: boolean;
  readonly mapping: string | undefined;
}

const NAMES = ['a1', 'a2', 'b1'] as const;

const worlds: fc.Arbitrary<World> = fc.record({
  users: fc.array(
    fc.record({
      there: fc.boolean(),
      secret: fc.constantFrom('p' as const, 'p' as const, 'q' as const),
      publish: fc.constantFrom(undefined, '{deny: x.1}', '["x.>", "$JS.>"]', '{allow: ">", deny: svc}'),
      subscribe: fc.constantFrom(undefined, '{deny: x.2}', '["x.>", "_I.>"]', '{deny: "x.* q"}'),
    }),
    { minLength: NAMES.length, maxLength: NAMES.length },
  ),
  isAThere: fc.boolean(),
  maxConnections: fc.constantFrom(-1, 1, 2),
  jetstream: fc.boolean(),
  exported: fc.boolean(),
  imports: fc.boolean(),
  mapping: fc.constantFrom(undefined, 'x.2: x.1', 'x.2: x.3'),
});

function userText(name: string, { secret, publish, subscribe }: UserSpec): string {
  const sides = [
    ...(publish === undefined ? [] : [`publish: ${publish}`]),
    ...(subscribe === undefined ? [] : [`subscribe: ${subscribe}`]),
  ];
  return `{user: ${name}, password: ${secret}, permissions: {${sides.join(', ')}}}`;
}

function configOf(world: World): string {
  const usersOf = (prefix: string): string =>
    NAMES.flatMap((name, i) => {
      const spec = world.users[i];
      return name.startsWith(prefix) && spec?.there ? [userText(name, spec)] : [];
    }).join(', ');
  const mappings = world.mapping === undefined ? '' : `mappings: {${world.mapping}}`;
  const exports = world.exported ? 'exports: [{stream: x.>}, {service: svc}]' : '';
  const doors = '[{stream: {account: A, subject: x.>}}, {service: {account: A, subject: svc}}]';
  const imports = world.isAThere && world.exported && world.imports ? `imports: ${doors}` : '';
  const a = `A {
    users: [${usersOf('a')}]
    ${exports}
    ${mappings}
    ${world.jetstream ? 'jetstream: enabled' : ''}
    limits { max_conn: ${world.maxConnections} }
  }`;
  return `jetstream {}
  accounts { ${world.isAThere ? a : ''}
    B {
      users: [${usersOf('b')}]
      ${imports}
    }
    C { users: [{user: c, password: p}] } }`;
}

const SUBSCRIPTIONS = ['SUB x.* 1', 'SUB x.* q 2', 'SUB svc 3', 'SUB _I.> 4'];

/** Lets every user in who is not yet, gives each the same subscriptions, and notes what they all see of a few messages. */
async function probe(live: LiveWorld, inside: ReadonlyMap<string, LiveClient>): Promise<string[]> {
  const clients: [string, LiveClient][] = [];
  const seen: string[] = [];
  for (const name of NAMES) {
    const client = inside.get(name) ?? live.client();
    if (!inside.has(name)) {
      const login = { user: name, pass: 'p', verbose: false, headers: true, no_responders: true };
      client.write(`CONNECT ${JSON.stringify(login)}`);
    }
    await client.say('UNSUB 1', 'UNSUB 2', 'UNSUB 3', 'UNSUB 4');
    clients.push([name, client]);
    seen.push(`${name} subscribes: ${await client.say(...SUBSCRIPTIONS)}`);
  }
  for (const [name, client] of clients) {
    for (const subject of ['x.1', 'x.2', 'svc', '$JS.API.STREAM.NAMES'])
      client.write(`PUB ${subject} _I.${name} 1`, name.slice(1));
    await client.take();
    for (const [other, receiver] of clients)
      seen.push(`${name} publishes, ${other}: ${await receiver.take()}`);
  }
  for (const [, client] of clients) client.leave();
  return seen.map((line) => line.replaceAll(/_R_\.\w+\.\w+/g, '_R_').replaceAll(/"rtt":\d+/g, ''));
}

/** Those of the users who are in, by name: what they see must not depend on when they came. */
async function settleIn(live: LiveWorld, inside: Map<string, LiveClient>): Promise<void> {
  for (const name of NAMES) {
    if (inside.has(name)) continue;
    const client = live.client();
    const login = { user: name, pass: 'p', verbose: false, headers: true, no_responders: true };
    const answer = await client.say(`CONNECT ${JSON.stringify(login)}`, ...SUBSCRIPTIONS, 'PING');
    if (answer.endsWith('PONG|')) inside.set(name, client);
  }
}

async function dropClosed(inside: Map<string, LiveClient>): Promise<void> {
  for (const [name, client] of inside)
    if ((await client.say('PING')).includes('<closed>')) inside.delete(name);
}

describe('any sequence of reloads', () => {
  test('ends where a fresh start with the last configuration begins', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(worlds, { minLength: 2, maxLength: 4 }), async (sequence) => {
        const [first, ...others] = sequence.map(configOf);
        const last = others.at(-1) ?? '';
        const changed = new LiveWorld(first ?? '');
        const fresh = new LiveWorld(last);
        try {
          const inside = new Map<string, LiveClient>();
          for (const next of others) {
            await settleIn(changed, inside);
            changed.reload(next);
            await dropClosed(inside);
          }
          // Who is in came first: places are limited, so that the fresh server fills them in the same order.
          const before = new Map<string, LiveClient>();
          for (const name of inside.keys()) before.set(name, await fresh.as(name));
          expect(await probe(changed, inside)).toEqual(await probe(fresh, before));
        } finally {
          await changed.server.stop();
          await fresh.server.stop();
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
