import { availableParallelism } from 'node:os';
import type { ProcessView } from '../system/index.ts';

const MICROS_PER_MS = 1_000;

/** This process, as monitoring shows it: numbers only, neither arguments nor environment. */
export class ThisProcess implements ProcessView {
  readonly cores = availableParallelism();
  readonly #nowMs: () => number;
  #usedMicros = 0;
  #atMs: number;
  #percent = 0;

  /** @param nowMs wire time, ms. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#atMs = nowMs();
    this.#usedMicros = usedMicros();
  }

  memory(): number {
    return process.memoryUsage.rss();
  }

  cpu(): number {
    const now = this.#nowMs();
    if (now > this.#atMs) {
      const used = usedMicros();
      const share = (used - this.#usedMicros) / MICROS_PER_MS / (now - this.#atMs);
      this.#percent = Math.round(share * 100);
      this.#atMs = now;
      this.#usedMicros = used;
    }
    return this.#percent;
  }

  memoryStats(): Readonly<Record<string, number>> {
    return { ...process.memoryUsage() };
  }

  waitsFor(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

function usedMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
