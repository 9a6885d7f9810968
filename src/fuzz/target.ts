import type { Duplex } from 'node:stream';
import type { World } from './world.ts';

/** One judgement about an API request: was it allowed, and did its handler run? */
export interface AuditRecord {
  readonly subject: string;
  readonly account: string;
  readonly user: string;
  readonly rule: string | undefined;
  readonly granted: boolean;
  readonly handlerRan: boolean;
}

/** A server that can be attacked. */
export interface Target {
  readonly name: string;
  /**
   * Whether the same actions give the same bytes: then order, chance and statistics are compared too. A target that
   * is not exact is compared as a set of frames per receiver, and a difference counts only when it comes back.
   */
  readonly exact: boolean;
  /** A session on a server that runs this world and holds nothing of earlier sessions. */
  start(world: World): Promise<Session>;
  /** Ends what the target started. */
  stop(): Promise<void>;
}

/** One run against a server: the ways in, and what moves it on. */
export interface Session {
  /** A stream of wire bytes to the server. */
  socket(): Promise<Duplex>;
  /** How long an answer may take, ms, before it counts as silence; 0 when a PONG proves that all has arrived. */
  readonly patienceMs: number;
  /** Lets the server finish what it does without being asked. */
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Replaces the configuration while everybody is connected; absent where that cannot be done. */
  reload?(world: World): Promise<void>;
  /** What the server recorded about API requests; `undefined` when it keeps no record. */
  audit(): readonly AuditRecord[] | undefined;
  stop(): Promise<void>;
}
