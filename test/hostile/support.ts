import { afterEach } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { Server } from '../../src/server/index.ts';
import { RawClient } from '../embedding/raw-client.ts';

const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"headers":true';
const open: Server[] = [];

afterEach(() => Promise.all(open.splice(0).map((server) => server.stop())));

/** A server of a configuration that does not listen; stopped after the test. */
export function serve(config: string, memoryBytes?: number): Server {
  const { options } = parseConfig(config);
  const server = new Server(options, memoryBytes === undefined ? {} : { memoryBytes });
  open.push(server);
  return server;
}

/** A client in the process, logged in; the password is the user's name. */
export function enter(server: Server, user?: string): RawClient {
  const client = new RawClient(server.socket());
  client.send(`${HELLO}${user === undefined ? '' : `,"user":"${user}","pass":"${user}"`}}`);
  return client;
}

/** Two tenants, A with the user a and B with the user b. */
export const TWO_TENANTS = `jetstream: enabled
  accounts: {
    $SYS: { users: [ { user: s, password: s } ] }
    A: { jetstream: true, users: [ { user: a, password: a } ] }
    B: { jetstream: true, users: [ { user: b, password: b } ] }
  }`;

/** How long something took, ms. */
export async function timed(step: () => unknown): Promise<number> {
  const start = performance.now();
  await step();
  return performance.now() - start;
}

/** The error of a JetStream reply; undefined where there is none. */
export function errorOf(reply: string): { code: number; err_code: number; description: string } | undefined {
  return JSON.parse(reply).error;
}
