import { type ByteString, isLiteral, isValidSubject, matches, toBytes } from '../../subjects/index.ts';
import { type JsError, type JsErrorName, jsError } from '../errors.ts';
import type { Expected } from '../publish/expectations.ts';
import { HEADER, type PublishHeader, type PublishHeaders } from '../publish/publish-headers.ts';
import { readTimeToLive } from '../publish/time-to-live.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { timeZoneOf } from './time-zone.ts';

/** What `Nats-Schedule-Next` says of the last message of a schedule; it takes the schedule with it. */
export const PURGE = 'purge';

/** The schedule that a message asks for, `undefined` when there is none or it can not be read. */
export function scheduleOf(headers: PublishHeaders): Schedule | undefined {
  if (!headers.has(HEADER.schedule)) return undefined;
  const zone = headers.hasLine(HEADER.scheduleTimeZone) ? headers.text(HEADER.scheduleTimeZone) : undefined;
  return parseSchedule(headers.text(HEADER.schedule), zone);
}

/**
 * What the headers of a schedule, and of what schedules send, have to satisfy: the order and the codes are those of
 * 2.14.5 (measured pair by pair).
 */
export function checkSchedule(
  headers: PublishHeaders,
  subject: ByteString,
  nowMs: number,
  on: Expected,
): JsError | undefined {
  const hasBadZone =
    headers.hasLine(HEADER.scheduleTimeZone) &&
    timeZoneOf(headers.text(HEADER.scheduleTimeZone)) === undefined;
  if (headers.has(HEADER.schedule) || hasBadZone) {
    if (!on.allowSchedules) return jsError('JSMessageSchedulesDisabledErr');
    if (hasBadZone) return jsError('JSMessageSchedulesTimeZoneInvalidErr');
    if (scheduleOf(headers)?.next(nowMs) === undefined) return jsError('JSMessageSchedulesPatternInvalidErr');
    const error = checkProduct(headers, subject, on);
    if (error !== undefined) return error;
  }
  return checkScheduler(headers, subject, on);
}

/** What the schedule says of the messages it sends. */
function checkProduct(headers: PublishHeaders, subject: ByteString, on: Expected): JsError | undefined {
  const value = (header: PublishHeader): ByteString => headers.text(header) as ByteString;
  const [target, source] = [value(HEADER.scheduleTarget), value(HEADER.scheduleSource)];
  if (headers.has(HEADER.scheduleTtl)) {
    if (readTimeToLive(value(HEADER.scheduleTtl)) === undefined) return invalid('TTL');
    if (!on.allowTtl) return jsError('JSMessageTTLDisabledErr');
  }
  if (headers.has(HEADER.scheduleRollup) && value(HEADER.scheduleRollup) !== 'sub') return invalid('Rollup');
  if (!isOtherSubject(target, subject, on)) return invalid('Target');
  if (source !== '' && (source === target || !isOtherSubject(source, subject, on))) return invalid('Source');
  if (headers.has(HEADER.rollup) && value(HEADER.rollup).toLowerCase() !== 'sub') return invalid('Rollup');
  return undefined;
}

function invalid(what: 'TTL' | 'Rollup' | 'Target' | 'Source'): JsError {
  return jsError(`JSMessageSchedules${what}InvalidErr` satisfies JsErrorName);
}

/** Whether a text is one subject that the stream takes, and not the schedule's own. */
function isOtherSubject(text: ByteString, own: ByteString, { subjects }: Expected): boolean {
  if (text === own || !isValidSubject(text) || !isLiteral(text)) return false;
  return subjects.some((subject) => matches(toBytes(subject), text));
}

/**
 * A client may end a schedule by a message of its own in place of the next one: it names the schedule's subject, on
 * which there is the schedule or nothing.
 */
function checkScheduler(headers: PublishHeaders, subject: ByteString, on: Expected): JsError | undefined {
  if (!headers.has(HEADER.scheduler) && !headers.has(HEADER.scheduleNext)) return undefined;
  const scheduler = headers.text(HEADER.scheduler) as ByteString;
  const isWellFormed =
    headers.text(HEADER.scheduleNext) === PURGE &&
    scheduler !== subject &&
    isValidSubject(scheduler) &&
    isLiteral(scheduler);
  if (!isWellFormed) return jsError('JSMessageSchedulesSchedulerInvalidErr');
  if (!on.allowSchedules) return jsError('JSMessageSchedulesDisabledErr');
  const last = on.store.lastOnSubject(scheduler);
  return last === 0 || on.isSchedule(last) ? undefined : jsError('JSMessageSchedulesSchedulerInvalidErr');
}
