import { constants } from 'node:buffer';

/** What an embedded server keeps in memory unless told otherwise, bytes. */
export const EMBEDDED_MEMORY_BYTES = 1024 ** 3;

/** Bytes that the stored messages of all accounts share. Reaching the bound is a refusal, never an abort. */
export class ProcessMemory {
  /** A reload may raise it. */
  limit: number;
  #used = 0;

  /** @param limit bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  reserve(bytes: number): boolean {
    if (this.#used + bytes > this.limit || bytes > constants.MAX_LENGTH) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used = Math.max(0, this.#used - bytes);
  }
}
