import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { Server } from '../../src/server/index.ts';
import { Asker, RECORDED_WORLD, serve } from '../system/support.ts';

/** What came back over HTTP. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const LISTEN = 'http: "127.0.0.1:-1"\n';

/** A server that offers monitoring on a free port; stopped after the test. */
export async function monitored(
  config: string,
  log?: ConstructorParameters<typeof Server>[1],
): Promise<Server> {
  const server = serve(`${LISTEN}${config}`, log);
  await server.listen('127.0.0.1', 0);
  return server;
}

/** Asks for a page on a connection of its own. */
export function get(server: Server, target: string, method = 'GET', body = ''): Promise<Page> {
  return fetchFrom(server.monitoringUrl ?? 'nowhere', target, method, body);
}

export async function json<T = Record<string, unknown>>(server: Server, target: string): Promise<T> {
  const { status, body } = await get(server, target);
  if (status !== 200) throw new Error(`${target}: ${status} ${body}`);
  return JSON.parse(body) as T;
}

/** Asks a server of either kind. */
export function fetchFrom(url: string, target: string, method = 'GET', sent = ''): Promise<Page> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = sent === '' ? {} : { 'content-length': Buffer.byteLength(sent) };
    const asked = request({ hostname, port, path: target, method, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    asked.on('error', reject);
    asked.end(sent);
  });
}

/** The world in which the pages were recorded. */
export async function recordedWorld(): Promise<Server> {
  const server = await monitored(RECORDED_WORLD);
  await populate(server, server.monitoringUrl ?? '');
  return server;
}

/** Fills that world, on a server of either kind, with clients and what they do. */
export async function populate(server: Pick<Server, 'socket'>, url: string): Promise<void> {
  const tenant = await Asker.as(server, 'a', 'alpha');
  await Asker.as(server, 'sys', 'admin');
  const [other, stranger] = [await Asker.as(server, 'a2'), await Asker.as(server, 'b')];
  await tenant.say('SUB foo.bar 1', 'SUB foo.* q1 2', 'SUB svc.x 3', 'SUB > 4', 'UNSUB 4 100000');
  await stranger.say('SUB p.feed.a 1');
  await other.say('SUB foo.bar 7');
  await tenant.ask('$JS.API.STREAM.CREATE.S1', '{"name":"S1","subjects":["s1.>"]}');
  await until(async () => (await fetchFrom(url, '/healthz?account=A&stream=S1')).status === 200);
  const consumer = '{"stream_name":"S1","config":{"durable_name":"D","ack_policy":"explicit"}}';
  await tenant.ask('$JS.API.CONSUMER.DURABLE.CREATE.S1.D', consumer);
  await until(async () => (await fetchFrom(url, '/healthz?account=A&stream=S1&consumer=D')).status === 200);
  await tenant.say('PUB s1.x 5', 'hello', 'PUB s1.x 5', 'hello');
  await until(async () => (await fetchFrom(url, '/jsz')).body.includes('"messages": 2'));
  await other.say('PUB foo.bar 3', 'abc');
  const gone = await Asker.as(server, 'b', 'gone');
  gone.close();
  await until(async () => (await fetchFrom(url, '/connz')).body.includes('"total": 4'));
}

const TRIES = 200;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) if (await holds()) return;
  throw new Error('the world of the recording does not come about');
}

/** Answers of 2.14.5: the fields of its pages, and the texts of its refusals and health checks. */
interface Recording {
  readonly pages: readonly { readonly target: string; readonly fields: readonly string[] }[];
  readonly answers: readonly {
    readonly target: string;
    readonly status: number;
    readonly type: string;
    readonly body: string;
  }[];
}

export const RECORDED = JSON.parse(
  readFileSync(new URL('monitoring-2.14.5.json', import.meta.url), 'utf8'),
) as Recording;

/** Which import or subscription stands first is chance there, and with it the optional fields of the first. */
const BY_CHANCE = /imports\[\]\.to|(?:^|\.)subscriptions_list\[\]\./;

/** The fields that have to be there, in order. */
export function fixed(fields: readonly string[]): string[] {
  return fields.filter((field) => !BY_CHANCE.test(field));
}

/** The paths of all fields with their types, in order; of an array its first entry. */
export function fieldsOf(value: unknown, path = ''): string[] {
  const own = path === '' ? [] : [`${path}: ${typeOf(value)}`];
  if (typeof value !== 'object' || value === null) return own;
  if (Array.isArray(value)) return value.length === 0 ? own : [...own, ...fieldsOf(value[0], `${path}[]`)];
  const inner = Object.entries(value).flatMap(([key, field]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return key === 'http_req_stats' ? [`${at}: ${typeOf(field)}`] : fieldsOf(field, at);
  });
  return [...own, ...inner];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}
