import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Asker, RECORDED_WORLD, serve } from './support.ts';

interface Recording {
  /** The `server` part of every reply. */
  readonly server: readonly string[];
  /** Requests (who asks, subject, body) and the fields of what they are answered with, in order. */
  readonly replies: readonly { readonly requests: readonly string[]; readonly fields: readonly string[] }[];
}

interface RecordedError {
  readonly subject: string;
  readonly request: string;
  /** Whether `"data":null` stands before the error. */
  readonly data: boolean;
  readonly code: number;
  readonly description: string;
}

function recorded<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as T;
}

/** Maps with names of the place, not of the form. */
const FREE = new Set(['http_req_stats', 'memstats', 'cmdline']);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The paths of all fields with their types, in order; of an array its first entry. */
function fieldsOf(value: unknown, path = ''): string[] {
  const own = path === '' ? [] : [`${path}: ${typeOf(value)}`];
  if (typeof value !== 'object' || value === null) return own;
  if (Array.isArray(value)) return value.length === 0 ? own : [...own, ...fieldsOf(value[0], `${path}[]`)];
  const inner = Object.entries(value).flatMap(([key, field]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return FREE.has(key) ? [`${at}: ${typeOf(field)}`] : fieldsOf(field, at);
  });
  return [...own, ...inner];
}

/** The world in which the replies were recorded. */
async function world(): Promise<{
  readonly id: string;
  readonly system: Asker;
  readonly tenant: Asker;
}> {
  const server = serve(RECORDED_WORLD);
  const system = await Asker.as(server, 'sys', 'admin');
  const tenant = await Asker.as(server, 'a', 'alpha');
  const [other, stranger] = [await Asker.as(server, 'a2'), await Asker.as(server, 'b')];
  // Until the first request is asked the recording client had an inbox as its first subscription.
  for (const each of [system, tenant, other, stranger]) await each.say('SUB _INBOX.first.* 90');
  await tenant.say('SUB foo.bar 1', 'SUB foo.* q1 2', 'SUB svc.x 3', 'SUB > 4', 'UNSUB 4 100000');
  await stranger.say('SUB p.feed.a 1');
  await other.say('SUB foo.bar 7');
  await tenant.ask('$JS.API.STREAM.CREATE.S1', '{"name":"S1","subjects":["s1.>"]}');
  const consumer = '{"stream_name":"S1","config":{"durable_name":"D","ack_policy":"explicit"}}';
  await tenant.ask('$JS.API.CONSUMER.DURABLE.CREATE.S1.D', consumer);
  await tenant.say('PUB s1.x 5', 'hello', 'PUB s1.x 5', 'hello');
  await other.say('PUB foo.bar 3', 'abc');
  return { id: server.id, system, tenant };
}

/** Which subscription or import stands first is chance on the real server, and with it the optional fields of the first. */
const BY_CHANCE = /(subscriptions_list|subscriptions_list_detail|imports|connections)\[\]\.|"to"/;

describe('a reply', () => {
  const { server: serverFields, replies } = recorded<Recording>('measured-2.14.5.json');

  it('has the fields, types and order of the real server', async () => {
    const { id, system, tenant } = await world();
    for (const { requests, fields } of replies) {
      for (const request of requests) {
        const [who, subject = '', ...body] = request.split(' ');
        const asker = who === 'SYS' ? system : tenant;
        const answers = (await asker.ask(subject.replace('<id>', id), body.join(' '))).filter((text) =>
          text.startsWith('{'),
        );
        const all = fieldsOf(JSON.parse(answers[0] ?? '{}'));
        const got = all.filter((field) => !field.startsWith('server.'));
        const fixed = (list: readonly string[]): string[] => list.filter((field) => !BY_CHANCE.test(field));
        expect({ request, fields: fixed(got) }).toEqual({ request, fields: fixed(fields) });
        const stamp = all.filter((field) => field.startsWith('server.')).map((field) => field.slice(7));
        if (stamp.length > 0) expect(stamp).toEqual(serverFields);
        // What chance leaves open still has to come from the same set.
        expect(fields.filter((f) => f.includes('[]')).length === 0 || got.length > 0).toBe(true);
      }
    }
  });

  it('shows connections with the fields of the real server', async () => {
    const { system } = await world();
    const wanted = replies.find(({ requests }) => requests.includes('SYS $SYS.REQ.SERVER.PING.CONNZ'));
    const data = await system.object('$SYS.REQ.SERVER.PING.CONNZ');
    const got = fieldsOf(data).filter((field) => field.startsWith('data.connections[]'));
    const inOrder = wanted?.fields.filter((field) => field.startsWith('data.connections[]')) ?? [];
    expect(inOrder.length).toBeGreaterThan(15);
    expect(got).toEqual(inOrder);
  });

  it('that is an error says what the real server says', async () => {
    const { id, system } = await world();
    for (const error of recorded<readonly RecordedError[]>('errors-2.14.5.json')) {
      const { subject, request, data, code, description } = error;
      const [answer] = await system.ask(subject.replace('<id>', id), request);
      const { server: _, ...rest } = JSON.parse(answer ?? '{}') as Record<string, unknown>;
      const wanted = { ...(data ? { data: null } : {}), error: { code, description } };
      expect({ subject, request, ...rest }).toEqual({ subject, request, ...wanted });
    }
  });
});
