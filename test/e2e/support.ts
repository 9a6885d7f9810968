import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { type BulkheadServer, type StartOptions, startServer } from '../../src/index.ts';

/** A server on a free port of the loopback interface, stopped after the test. */
export async function serve(options: StartOptions = {}): Promise<BulkheadServer> {
  const server = await startServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** The official client, connected over TCP and closed after the test, before its server: last in, first out. */
export async function client(
  server: BulkheadServer,
  options: ConnectionOptions = {},
): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url, ...options });
  onTestFinished(() => connection.close());
  return connection;
}

/** Takes a number of items of an endless iteration. */
export async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  if (count === 0) return taken;
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

/** Everything of an iteration that ends by itself. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** `count` things made of 0, 1, 2 … */
export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
