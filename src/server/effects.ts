import { createHash, createHmac, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Clock, Closable, Instant, Random } from '../base/index.ts';
import type { Alarm } from './scheduler.ts';

/**
 * The one file of the server that takes time and chance from the runtime. The functions are bound when the module
 * loads, so that a test runner's fake timers, installed later, do not reach the server.
 */
const monotonicNow = performance.now.bind(performance);
const processStartMs = performance.timeOrigin;
const startTimer = setTimeout;
const stopTimer = clearTimeout;

/**
 * Real time, moved forward by what was skipped. While a batch of input is handled the clock can be held: everything in
 * the batch happens at one moment, and reading the time costs nothing.
 */
export class RealClock implements Clock {
  #offsetMs = 0;
  #held: Instant | undefined;

  now(): number {
    return this.#held?.ms ?? Math.floor(processStartMs + monotonicNow()) + this.#offsetMs;
  }

  instant(): Instant {
    return this.#held ?? this.#read();
  }

  /** Holds the present moment until {@link release}. */
  hold(): void {
    this.#held = this.#read();
  }

  release(): void {
    this.#held = undefined;
  }

  /** Moves the clock on by whole milliseconds. */
  skip(ms: number): void {
    this.#offsetMs += ms;
  }

  #read(): Instant {
    const exact = processStartMs + monotonicNow();
    const ms = Math.floor(exact);
    return { ms: ms + this.#offsetMs, ns: Math.min(999_999, Math.floor((exact - ms) * 1e6)) };
  }
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #ms: number;

  constructor(startMs: number) {
    this.#ms = startMs;
  }

  now(): number {
    return this.#ms;
  }

  instant(): Instant {
    return { ms: this.#ms, ns: 0 };
  }

  hold(): void {}

  release(): void {}

  skip(ms: number): void {
    this.#ms += ms;
  }
}

/** One runtime timer. It never keeps a process alive: sockets do that. */
export class RuntimeAlarm implements Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;

  arm(delayMs: number, wake: () => void): void {
    this.disarm();
    this.#timer = startTimer(wake, delayMs);
    this.#timer.unref();
  }

  disarm(): void {
    if (this.#timer !== undefined) stopTimer(this.#timer);
    this.#timer = undefined;
  }
}

/** Keeps the process alive until it is closed: for what somebody waits for although no socket is open any more. */
export function keepAlive(): Closable {
  const timer = startTimer(() => {}, 2 ** 31 - 1);
  return { close: () => stopTimer(timer) };
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Chance from a source of bytes; the sources differ in where the bytes come from. */
abstract class ByteRandom implements Random {
  abstract bytes(length: number): Uint8Array;
  abstract fork(label: string): Random;

  /** Unbiased: draws that fall into the incomplete last range are thrown away. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const draw = this.#next32();
      if (draw < limit) return draw % bound;
    }
  }

  token(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += LETTERS.charAt(this.below(LETTERS.length));
    return text;
  }

  #next32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }
}

const POOL_BYTES = 4096;

/** The operating system's chance. Forks are all the same source: nothing can be shifted in it. */
export class SystemRandom extends ByteRandom {
  #pool: Buffer = Buffer.alloc(0);
  #used = 0;

  override bytes(length: number): Uint8Array {
    if (length > POOL_BYTES) return randomBytes(length);
    if (this.#used + length > this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES);
      this.#used = 0;
    }
    this.#used += length;
    return this.#pool.subarray(this.#used - length, this.#used);
  }

  override fork(_label: string): Random {
    return this;
  }
}

/** Chance that a seed decides: HMAC-SHA-256 in counter mode, one key per path of labels. */
export class SeededRandom extends ByteRandom {
  readonly #key: Buffer;
  #counter = 0;
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(seed: string | number | Buffer) {
    super();
    this.#key = Buffer.isBuffer(seed) ? seed : createHash('sha256').update(String(seed)).digest();
  }

  override bytes(length: number): Uint8Array {
    const out = Buffer.alloc(length);
    for (let i = 0; i < length; i++) {
      if (this.#used === this.#block.length) {
        this.#block = createHmac('sha256', this.#key)
          .update(`block ${this.#counter++}`)
          .digest();
        this.#used = 0;
      }
      out[i] = this.#block[this.#used++] ?? 0;
    }
    return out;
  }

  override fork(label: string): Random {
    return new SeededRandom(createHmac('sha256', this.#key).update(`fork ${label}`).digest());
  }
}

/** CPU that the process has used, ms: how much work something was, whatever else the machine does. About 1 µs. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Lets the event loop turn once before a task runs. */
export const onNextTurn: (task: () => void) => void = setImmediate;
