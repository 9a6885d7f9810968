import { limits } from '../base/index.ts';
import type { ResponsePermission } from '../config/index.ts';
import type { ByteString } from '../subjects/index.ts';

/**
 * The only mutable part of the guard: permissions that come into being while the server runs, can be used up, and
 * expire. A verdict that rests on one of them is never cached.
 */

/** Permission to use something a number of times until a moment. -1 uses are unlimited. */
export class Allowance {
  #left: number;
  #expiresAt: number;
  #withdrawn = false;

  /** @param expiresAt ms since the epoch. */
  constructor(uses: number, expiresAt: number) {
    this.#left = uses;
    this.#expiresAt = expiresAt;
  }

  isAlive(nowMs: number): boolean {
    return !this.#withdrawn && this.#left !== 0 && nowMs < this.#expiresAt;
  }

  /** Uses it once; false when there is nothing left to use. */
  use(nowMs: number): boolean {
    if (!this.isAlive(nowMs)) return false;
    if (this.#left > 0) this.#left--;
    return true;
  }

  /** Whether what it rested on was taken away, whatever is left of it. */
  get isWithdrawn(): boolean {
    return this.#withdrawn;
  }

  /** Takes it away for good: no renewal brings it back. */
  withdraw(): void {
    this.#withdrawn = true;
  }

  /** Lets it live until a later moment (ms since the epoch). */
  renew(expiresAt: number): void {
    this.#expiresAt = expiresAt;
  }
}

/** The reply subjects that `allow_responses` lets one connection publish to. */
export class ResponseGrants {
  readonly #permission: ResponsePermission;
  readonly #bySubject = new Map<ByteString, Allowance>();
  /** Length of all subjects together. */
  #bytes = 0;

  constructor(permission: ResponsePermission) {
    this.#permission = permission;
  }

  /** Notes that the connection was delivered a request with this reply subject. */
  grant(reply: ByteString, nowMs: number): void {
    const { max, expiresMs } = this.#permission;
    const expiresAt = expiresMs < 0 ? Number.POSITIVE_INFINITY : nowMs + expiresMs;
    this.#drop(reply);
    this.#bySubject.set(reply, new Allowance(max, expiresAt));
    this.#bytes += reply.length;
    while (this.#bySubject.size > limits.RESPONSE_GRANTS || this.#bytes > limits.RESPONSE_GRANT_BYTES)
      this.#dropOldest();
  }

  /** Uses the grant for a subject once; false when there is none alive. */
  use(subject: ByteString, nowMs: number): boolean {
    const allowance = this.#bySubject.get(subject);
    if (allowance === undefined) return false;
    const used = allowance.use(nowMs);
    if (!allowance.isAlive(nowMs)) this.#drop(subject);
    return used;
  }

  #dropOldest(): void {
    const oldest = this.#bySubject.keys().next();
    if (!oldest.done) this.#drop(oldest.value);
  }

  #drop(subject: ByteString): void {
    if (this.#bySubject.delete(subject)) this.#bytes -= subject.length;
  }
}
