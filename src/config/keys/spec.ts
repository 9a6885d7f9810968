/** Whether a key has an effect yet. */
export type KeyStatus = 'applied' | 'later';

/** What there is to say about one key of one section. */
export interface KeySpec {
  readonly status: KeyStatus;
  /** What it takes, for the reader: `int`, `size`, `duration`, `map`, … */
  readonly type: string;
  readonly default: string;
  readonly doc: string;
  readonly aliases: readonly string[];
  /** For a key without effect that would restrict something: what is open because of that. */
  readonly consequence?: string;
}

export interface AppliedKey extends KeySpec {
  readonly status: 'applied';
}

export interface LaterKey extends KeySpec {
  readonly status: 'later';
}

/** The keys of one section by name. */
export type SectionKeys = Readonly<Record<string, KeySpec>>;

/** The names of those keys of a section that have an effect. */
export type AppliedNames<S extends SectionKeys> = {
  [K in keyof S]: S[K]['status'] extends 'applied' ? K : never;
}[keyof S];

/** A key that has an effect. */
export function applied(type: string, fallback: string, doc: string, ...aliases: string[]): AppliedKey {
  return { status: 'applied', type, default: fallback, doc, aliases };
}

/** A key that is accepted and does nothing yet. */
export function later(type: string, doc: string, ...aliases: string[]): LaterKey {
  return { status: 'later', type, default: '', doc, aliases };
}

/** A key that does nothing yet and whose absence weakens something, which its warning has to say. */
export function laterWith(consequence: string, type: string, doc: string, ...aliases: string[]): LaterKey {
  return { ...later(type, doc, ...aliases), consequence };
}
