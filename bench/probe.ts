import type { Tools } from './tools.ts';

/** One thing that a probe finds out. */
export interface Figure {
  readonly key: string;
  readonly what: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
}

/** Where a probe measures. */
export interface Setting {
  readonly tools: Tools;
  /** The server's command, as `withServer` wants it. */
  readonly template: string;
  /** What all counts are multiplied with, for a look in passing. */
  readonly scale: number;
}

/** What was found, by the figures' keys; one that could not be taken is absent. */
export type Found = Readonly<Record<string, number>>;

/** A measurement that is no load: a state of the server, or many small things. */
export interface Probe {
  readonly name: string;
  readonly figures: readonly Figure[];
  /** How many times it is taken; more than once where it is quick. */
  readonly turns: number;
  /** Whether the real server has nothing like it. */
  readonly alone?: boolean;
  run(setting: Setting): Promise<Found>;
}

/** A count, made smaller for a quick run. */
export function scaled({ scale }: Setting, count: number): number {
  return Math.max(1, Math.round(count * scale));
}
