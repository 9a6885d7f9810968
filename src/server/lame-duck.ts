import type { Random } from '../base/index.ts';
import type { Connection } from './connection.ts';
import type { LogSink } from './log.ts';

/** No client waits longer for its turn than this after the one before it, ms (measured on 2.14.5). */
const LONGEST_STEP_MS = 1_000;

/** How long lame duck mode takes, ms. */
export interface LameDuckTimes {
  /** Until the first client is closed. */
  readonly graceMs: number;
  /** Until the last one is, the grace included. */
  readonly durationMs: number;
}

/** The server, as far as it ends. */
export interface LameDuckHost {
  readonly connections: ReadonlySet<Connection>;
  readonly log: LogSink;
  readonly random: Random;
  /** Nobody new comes in from now on. */
  stopAccepting(): void;
  /** Tells the system account. */
  announce(): void;
  /** Runs a task on the wire clock. */
  after(delayMs: number, task: () => void): void;
  settle(): void;
  /** The end of the server itself. */
  end(): void;
}

/**
 * The way out that disturbs least: clients are told to look for another server, then closed one by one, so that they do
 * not all arrive there at once. Behind the last one the server stops.
 */
export function beginLameDuck(host: LameDuckHost, { graceMs, durationMs }: LameDuckTimes): void {
  host.log.write('info', 'Entering lame duck mode, stop accepting new clients');
  host.stopAccepting();
  host.announce();
  for (const connection of host.connections) connection.warnLameDuck();
  host.settle();
  if (host.connections.size === 0) return finish(host);
  host.after(graceMs, () => {
    host.log.write('info', 'Closing existing clients');
    const waiting = shuffled([...host.connections], host.random);
    const stepMs = Math.min(LONGEST_STEP_MS, Math.max(0, durationMs - graceMs) / Math.max(1, waiting.length));
    closeNext(host, waiting, stepMs);
  });
}

/** Closes one after the other, so many at a time that steps of less than a millisecond add up to whole ones. */
function closeNext(host: LameDuckHost, waiting: Connection[], stepMs: number): void {
  const atOnce = Math.max(1, Math.ceil(1 / Math.max(stepMs, Number.EPSILON)));
  for (const connection of waiting.splice(-Math.min(atOnce, waiting.length)))
    connection.close('Server Shutdown');
  host.settle();
  if (waiting.length === 0) return finish(host);
  const wholeMs = Math.max(1, Math.ceil(stepMs));
  const half = wholeMs >> 1;
  host.after(half + host.random.below(wholeMs - half), () => closeNext(host, waiting, stepMs));
}

function finish({ log, end }: LameDuckHost): void {
  log.write('info', 'Initiating Shutdown...');
  end();
}

function shuffled<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}
