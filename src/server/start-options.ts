import type { ControlId } from '../guard/index.ts';
import type { LogSink } from './log.ts';

export const STATE_TIMES = ['resume', 'shift', 'keep'] as const;

/**
 * What becomes of the times in a state. `resume`: they stay, and the service clock goes to where it stood when the state
 * was saved. `shift`: they move to the present, so that nothing is older than it was then. `keep`: neither.
 */
export type StateTime = (typeof STATE_TIMES)[number];

/** A user of the global account. */
export interface UserSpec {
  readonly user: string;
  readonly password: string;
}

/** What `startServer` is told. Everything has a default. */
export interface StartOptions {
  /** Configuration: text in nats-server's language, or the same as an object. */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** A configuration file, read with its includes. */
  readonly configFile?: string;
  /** Default: what the configuration says, else 127.0.0.1. */
  readonly host?: string;
  /** -1 or absent: a free port; null: do not listen at all. */
  readonly port?: number | null;
  /** JetStream on or off; absent: as configured, and on when there is no configuration. */
  readonly jetstream?: boolean;
  /** Users of the global account, in addition to the configured ones. */
  readonly users?: readonly UserSpec[];
  /** `manual` stands still until {@link ServerClock.advance} moves it. Default `real`. */
  readonly clock?: 'real' | 'manual';
  /** The same seed gives the same bytes out. */
  readonly seed?: string | number;
  /** JetStream as it was saved: what `save()` of a running server gave. */
  readonly state?: Uint8Array;
  /** What becomes of the times in `state`: see `load()` of a running server. */
  readonly stateTime?: StateTime;
  /** Where log lines go; default: nowhere. */
  readonly log?: LogSink | false;
  /** The advisory lab: controls turned off, on loopback addresses only. */
  readonly lab?: { readonly controlsOff: readonly ControlId[] };
}

/** The service clock, as people who test with it see it. */
export interface ServerClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Moves it on (ms, or a Go duration such as `30s`), runs what falls due in order, and resolves when all that it
   * caused has been written.
   */
  advance(duration: number | string): Promise<void>;
}
