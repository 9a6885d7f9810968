import { formatDuration } from '../../base/index.ts';
import { jsError } from '../errors.ts';
import type { ServerLimits } from '../limits.ts';
import { invalidConfig } from './stream-name.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';

const MS = 1e6;
const SECOND = 1e9;
const DEFAULT_DUPLICATE_WINDOW = 120 * SECOND;
const SHORTEST_WINDOW = 100 * MS;

/** The limits that are unlimited below 1, in the order in which 2.14.5 asks about them (measured). */
const LIMITS = ['max_msgs', 'max_msgs_per_subject', 'max_bytes', 'max_msg_size', 'max_consumers'] as const;

/** Zero and every negative number mean unlimited. */
export function unlimited(value: number | undefined): number {
  return value === undefined || value <= 0 ? -1 : value;
}

/** Pedantic requests spell unlimited as 0 or -1. @throws JsError */
export function checkSpelling(input: StreamConfigInput, pedantic: boolean): void {
  if (!pedantic) return;
  for (const field of LIMITS) {
    if ((input[field] ?? 0) < -1) throw jsError('JSPedanticErrF', { err: `${field} must be set to -1` });
  }
}

/**
 * The duplicate window: 2 minutes unless asked otherwise, or the stream's age or the server's limit if that is less.
 * Nanoseconds.
 */
export function duplicateWindow(input: StreamConfigInput, { duplicateWindowNs: most }: ServerLimits): number {
  const { duplicate_window: asked = 0, max_age: maxAge = 0 } = input;
  if (asked !== 0) return asked;
  const shortest = (a: number, b: number): number => (b > 0 ? Math.min(a, b) : a);
  return shortest(shortest(DEFAULT_DUPLICATE_WINDOW, maxAge), most);
}

/** @throws JsError */
export function checkAge({ max_age }: StreamConfig): void {
  if (max_age < 0) throw invalidConfig('max age can not be negative');
  if (max_age !== 0 && max_age < SHORTEST_WINDOW) throw invalidConfig('max age needs to be >= 100ms');
}

/** A mirror has no window unless one is asked for. @throws JsError */
export function checkDuplicateWindow(
  config: StreamConfig,
  input: StreamConfigInput,
  pedantic: boolean,
  { duplicateWindowNs: most }: ServerLimits,
): void {
  const { duplicate_window: window, max_age } = config;
  if (window === undefined) return;
  if (pedantic && (input.duplicate_window ?? 0) === 0 && window !== DEFAULT_DUPLICATE_WINDOW) {
    const err =
      window === most
        ? 'duplicate window limits are higher than current limits'
        : 'duplicate window cannot be bigger than max age';
    throw jsError('JSPedanticErrF', { err });
  }
  if (window < 0) throw invalidConfig('duplicates window can not be negative');
  if (max_age !== 0 && window > max_age)
    throw invalidConfig('duplicates window can not be larger then max age');
  if (window < SHORTEST_WINDOW) throw invalidConfig('duplicates window needs to be >= 100ms');
  if (most > 0 && window > most) {
    throw invalidConfig(`duplicates window can not be larger then server limit of ${formatDuration(most)}`);
  }
}

/** @throws JsError */
export function checkDiscard(config: StreamConfig): void {
  if (config.discard_new_per_subject !== true) return;
  if (config.discard !== 'new') {
    throw invalidConfig('discard new per subject requires discard new policy to be set');
  }
  if (config.max_msgs_per_subject <= 0) {
    throw invalidConfig('discard new per subject requires max msgs per subject > 0');
  }
}
