import { limits } from '../../base/index.ts';

/** How a listing is asked for; any number. */
export interface PageQuery {
  readonly offset?: number;
  readonly limit?: number;
}

/** A window into a list that lies inside it. */
export interface Window {
  /** As replies show it: what was asked for, 0 when it was negative. */
  readonly offset: number;
  readonly limit: number;
  readonly start: number;
  readonly end: number;
}

/** Entries on a page unless another number is asked for (measured on 2.14.5). */
const DEFAULT_LIMIT = 1024;

/**
 * The part of a list that a request wants. Nothing is added to what a client sent before it is known to lie inside the
 * list: `offset + limit` was the fault of GHSA-q59r-vq66-pxc2.
 */
export function windowOf(length: number, { offset = 0, limit = 0 }: PageQuery): Window {
  const shownOffset = Math.max(0, offset);
  const shownLimit = limit <= 0 ? DEFAULT_LIMIT : limit;
  const start = Math.min(shownOffset, length);
  const size = Math.min(shownLimit, length - start, limits.MONITOR_PAGE);
  return { offset: shownOffset, limit: shownLimit, start, end: start + size };
}
