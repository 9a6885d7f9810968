/** Page sizes of listings (measured on 2.14.5). */
export const NAMES_PAGE = 1024;
export const LIST_PAGE = 256;
/** Subjects that one STREAM.INFO reports. */
export const SUBJECTS_PAGE = 100_000;

/** A part of a list, and where in the list it stands. */
export interface Page<T> {
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
  readonly items: readonly T[];
}

/** One page of a list. An offset beyond the end shows the end, a negative one the start (measured). */
export function pageOf<T>(all: readonly T[], offset: number | undefined, limit: number): Page<T> {
  const start = Math.min(Math.max(0, offset ?? 0), all.length);
  return { total: all.length, offset: start, limit, items: all.slice(start, start + limit) };
}

/** The paging fields of an error reply: zeros. */
export const NO_PAGE = { total: 0, offset: 0, limit: 0 } as const;
