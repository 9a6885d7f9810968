import { influence } from '../../model/index.ts';
import type { Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import { observationOf } from '../observation.ts';
import type { Outcome, Sight } from '../run.ts';

const MAX_DETAILS = 6;

/**
 * Goguen and Meseguer 1982: whoever no path leads to from the outsider observes the same whether the outsider acts or
 * not.
 *
 * A target that is not exact may answer the same actions in two ways. It is run several times each way, and only what
 * is seen more often in *every* run with the outsider than in *any* without it, or the reverse, counts.
 */
export function judgeNoninterference(
  { outsider, world }: Pick<Scenario, 'outsider' | 'world'>,
  withOutsider: readonly Outcome[],
  withoutOutsider: readonly Outcome[],
  exact: boolean,
): Finding | undefined {
  const within = influence(world.accounts).get(outsider) ?? new Set();
  const present = withOutsider.map((outcome) => observations(outcome, within, exact));
  const absent = withoutOutsider.map((outcome) => observations(outcome, within, exact));
  const details: string[] = [];
  for (const receiver of new Set(absent.flatMap((each) => [...each.keys()]))) {
    const seenPresent = present.map((each) => each.get(receiver) ?? []);
    const seenAbsent = absent.map((each) => each.get(receiver) ?? []);
    const compare = exact ? orderedDifference : steadyDifference;
    details.push(...compare(seenPresent, seenAbsent).map((line) => line(receiver, outsider)));
  }
  if (details.length === 0) return undefined;
  const summary = `what others observe depends on what ${outsider} does`;
  return { oracle: 'noninterference', summary, details: details.slice(0, MAX_DETAILS) };
}

/** A line of a report, once receiver and outsider are known. */
type Line = (receiver: string, outsider: string) => string;
type Seen = readonly (readonly string[])[];

/** What everybody saw but those within reach of the outsider. */
function observations(outcome: Outcome, within: ReadonlySet<string>, exact: boolean): Map<string, string[]> {
  const byReceiver = new Map<string, string[]>();
  const put = (receiver: string, observation: string): void => {
    const known = byReceiver.get(receiver);
    if (known === undefined) byReceiver.set(receiver, [observation]);
    else known.push(observation);
  };
  for (const sight of outcome.records) {
    if (within.has(sight.account)) continue;
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

/** The first place where two exact runs part. */
function orderedDifference([present = []]: Seen, [absent = []]: Seen): Line[] {
  const length = Math.max(present.length, absent.length);
  for (let i = 0; i < length; i++) {
    if (present[i] === absent[i]) continue;
    return [
      (receiver, outsider) =>
        `${receiver} sees as frame ${i + 1}, when ${outsider} acts: ${present[i] ?? '(nothing)'}`,
      (receiver) => `${receiver} sees as frame ${i + 1}, when it does not: ${absent[i] ?? '(nothing)'}`,
    ];
  }
  return [];
}

/** What is there more often in all runs of one kind than in any of the other kind. */
function steadyDifference(present: Seen, absent: Seen): Line[] {
  const inPresent = present.map(countsOf);
  const inAbsent = absent.map(countsOf);
  const lines: Line[] = [];
  for (const observation of new Set([...present, ...absent].flat())) {
    const here = inPresent.map((counts) => counts.get(observation) ?? 0);
    const there = inAbsent.map((counts) => counts.get(observation) ?? 0);
    if (Math.min(...here) > Math.max(...there)) {
      lines.push((receiver, outsider) => `${receiver} sees only when ${outsider} acts: ${observation}`);
    } else if (Math.max(...here) < Math.min(...there)) {
      lines.push(
        (receiver, outsider) => `${receiver} sees only when ${outsider} does not act: ${observation}`,
      );
    }
  }
  return lines;
}

function countsOf(observations: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of observations) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}
