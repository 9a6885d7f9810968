import type { Server } from '../../server/index.ts';
import type { Stranger } from './stranger.ts';
import type { Words } from './words.ts';

/** One way to a listener, and how far somebody gets there who does not log in. */
export interface Way {
  readonly name: string;
  /** @param times how long strangers have at the listener, ms. @param certificates a folder with `server.pem` and the like. */
  config(times: StrangerTimes, certificates: string): Readonly<Record<string, unknown>>;
  arrive(server: Server, certificates: string): Stranger;
  readonly words: Words;
}

/** How long somebody may take before the server ends it, ms. */
export interface StrangerTimes {
  readonly loginMs: number;
  readonly handshakeMs: number;
}

/** Raw bytes at one kind of listener, before any login. */
export interface ListenerFuzzer {
  readonly id: string;
  /** What it tries to refute, in one sentence. */
  readonly promise: string;
  readonly ways: readonly Way[];
}

/** What broke the promise. */
export interface StrangerFinding {
  readonly way: string;
  /** One sentence. */
  readonly summary: string;
  /** What the stranger had sent, as JavaScript would write it; empty where it was nobody alone. */
  readonly sent: string;
}
