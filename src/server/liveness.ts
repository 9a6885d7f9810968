import type { Timer } from '../base/index.ts';

/** The first PING goes out soon after the start, to learn the round-trip time, ms. */
const FIRST_PING_MS = 1_000;

/** What a connection's timers act on. */
export interface LivenessEvents {
  /** Runs a task on the wire clock. */
  after(delayMs: number, task: () => void): Timer;
  /** The client did not log in in time. */
  onAuthTimeout(): void;
  sendPing(): void;
  /** Too many PINGs are unanswered. */
  onStale(): void;
}

/** Whether a client is still there: the time it has to log in, and the PINGs it has to answer. */
export class Liveness {
  readonly #events: LivenessEvents;
  readonly #pingIntervalMs: number;
  readonly #pingMax: number;
  #authTimer: Timer | undefined;
  #pingTimer: Timer | undefined;
  #pingsOut = 0;
  #heardSincePing = false;
  #isIn = false;

  constructor(events: LivenessEvents, pingIntervalMs: number, pingMax: number) {
    this.#events = events;
    this.#pingIntervalMs = pingIntervalMs;
    this.#pingMax = pingMax;
  }

  /** @param authTimeoutMs how long the client has to log in; undefined: it does not have to. */
  start(authTimeoutMs: number | undefined): void {
    if (authTimeoutMs !== undefined) {
      this.#authTimer = this.#events.after(authTimeoutMs, () => this.#events.onAuthTimeout());
    }
    this.#schedulePing(FIRST_PING_MS);
  }

  /** Logging in became necessary: who is not in yet has so long for it from now. */
  demandLogin(authTimeoutMs: number): void {
    if (this.#isIn || this.#authTimer !== undefined) return;
    this.#authTimer = this.#events.after(authTimeoutMs, () => this.#events.onAuthTimeout());
  }

  stop(): void {
    this.#authTimer?.cancel();
    this.#pingTimer?.cancel();
  }

  /** The connection is in an account, or has just left it. */
  entered(isIn: boolean): void {
    this.#isIn = isIn;
    if (isIn) this.#authTimer?.cancel();
  }

  /** Something arrived: no PING is needed for a while. */
  heard(): void {
    this.#heardSincePing = true;
  }

  pong(): void {
    this.#pingsOut = 0;
  }

  #schedulePing(afterMs: number): void {
    this.#pingTimer = this.#events.after(afterMs, () => this.#pingDue());
  }

  #pingDue(): void {
    if (!this.#isIn || this.#heardSincePing) {
      this.#heardSincePing = false;
      return this.#schedulePing(this.#pingIntervalMs);
    }
    if (this.#pingsOut >= this.#pingMax) return this.#events.onStale();
    this.#pingsOut++;
    this.#events.sendPing();
    this.#schedulePing(this.#pingIntervalMs);
  }
}
