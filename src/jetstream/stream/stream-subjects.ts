import { type ByteString, isValidSubject, overlaps, toBytes } from '../../subjects/index.ts';
import { isReasonable } from '../footprint.ts';
import { invalidConfig } from './stream-name.ts';
import type { StreamConfig } from './stream-schema.ts';

/** Subjects of the server's own APIs, which a stream may capture only when it does not answer publishers. */
const RESERVED: readonly { subject: string; except: readonly string[]; api: string }[] = [
  { subject: '$JS.>', except: ['$JS.EVENT.>'], api: 'jetstream' },
  { subject: '$JSC.>', except: [], api: 'jetstream' },
  { subject: '$NRG.>', except: [], api: 'jetstream' },
  { subject: '$SYS.>', except: ['$SYS.ACCOUNT.>'], api: 'system' },
];

/** What a stream captures: valid subjects that do not overlap each other nor the server's own. @throws JsError */
export function checkSubjects(config: StreamConfig): void {
  const subjects = (config.subjects ?? []).map(toBytes);
  if (!isReasonable(subjects)) throw invalidConfig('too many subjects or tokens');
  for (const [at, subject] of subjects.entries()) {
    if (!isValidSubject(subject)) throw invalidConfig('invalid subject');
    checkReserved(subject, config.no_ack === true);
    const clash = subjects.findIndex((other, before) => before < at && overlaps(other, subject));
    if (clash !== -1) {
      const [first, second] = [config.subjects?.[clash], config.subjects?.[at]];
      throw invalidConfig(`subject ${JSON.stringify(first)} overlaps with ${JSON.stringify(second)}`);
    }
  }
}

function checkReserved(subject: ByteString, noAck: boolean): void {
  if (noAck) return;
  if (subject === '>') throw invalidConfig('capturing all subjects requires no-ack to be true');
  for (const { subject: reserved, except, api } of RESERVED) {
    if (!overlaps(subject, toBytes(reserved))) continue;
    if (except.some((one) => isInside(subject, one))) continue;
    throw invalidConfig(`subjects that overlap with ${api} api require no-ack to be true`);
  }
}

/** Whether a subject lies below a prefix that is given as `prefix.>`. */
function isInside(subject: ByteString, space: string): boolean {
  return subject.startsWith(space.slice(0, -1));
}
