import type { Finding } from '../finding.ts';
import { observationOf } from '../observation.ts';
import type { Outcome, Sight } from '../run.ts';

const MAX_DETAILS = 6;

/**
 * Goguen and Meseguer 1982: with no path from the outsider to anybody else, everybody else observes the same whether
 * the outsider acts or not.
 */
export function judgeNoninterference(
  outsider: string,
  withOutsider: Outcome,
  withoutOutsider: Outcome,
  exact: boolean,
): Finding | undefined {
  const present = observations(withOutsider, outsider, exact);
  const absent = observations(withoutOutsider, outsider, exact);
  const details: string[] = [];
  for (const [receiver, without] of absent) {
    const seen = present.get(receiver) ?? [];
    details.push(...difference(receiver, seen, without, outsider, exact));
  }
  if (details.length === 0) return undefined;
  const summary = `what others observe depends on what ${outsider} does`;
  return { oracle: 'noninterference', summary, details: details.slice(0, MAX_DETAILS) };
}

function observations(outcome: Outcome, outsider: string, exact: boolean): Map<string, string[]> {
  const byReceiver = new Map<string, string[]>();
  const put = (receiver: string, observation: string): void => {
    const known = byReceiver.get(receiver);
    if (known === undefined) byReceiver.set(receiver, [observation]);
    else known.push(observation);
  };
  for (const sight of outcome.records) {
    if (sight.account === outsider) continue;
    if (!byReceiver.has(sight.label)) byReceiver.set(sight.label, []);
    for (const frame of sight.frames) {
      const queue = frame.op === 'MSG' ? sight.queues.get(frame.sid) : undefined;
      if (exact || queue === undefined || frame.op !== 'MSG') put(sight.label, observationOf(frame, exact));
      else put(groupOf(sight, queue), observationOf({ ...frame, sid: '' }, exact));
    }
  }
  return byReceiver;
}

/** Which member of a queue group gets a message is chance without a seed, so the group counts as one receiver. */
function groupOf(sight: Sight, queue: string): string {
  return `queue ${queue} of ${sight.account}`;
}

function difference(
  receiver: string,
  present: string[],
  absent: string[],
  outsider: string,
  exact: boolean,
): string[] {
  return exact
    ? orderedDifference(receiver, present, absent, outsider)
    : [
        ...surplus(present, absent).map((each) => `${receiver} sees only when ${outsider} acts: ${each}`),
        ...surplus(absent, present).map(
          (each) => `${receiver} no longer sees when ${outsider} acts: ${each}`,
        ),
      ];
}

function orderedDifference(
  receiver: string,
  present: string[],
  absent: string[],
  outsider: string,
): string[] {
  const length = Math.max(present.length, absent.length);
  for (let i = 0; i < length; i++) {
    if (present[i] === absent[i]) continue;
    return [
      `${receiver}, frame ${i + 1}, when ${outsider} acts:  ${present[i] ?? '(nothing)'}`,
      `${receiver}, frame ${i + 1}, when it does not: ${absent[i] ?? '(nothing)'}`,
    ];
  }
  return [];
}

/** What `a` has more of than `b`. */
function surplus(a: readonly string[], b: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const each of b) counts.set(each, (counts.get(each) ?? 0) + 1);
  return a.filter((each) => {
    const left = counts.get(each) ?? 0;
    counts.set(each, left - 1);
    return left <= 0;
  });
}
