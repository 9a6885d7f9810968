import { accountBytes, accountText, type Decision, RULES } from '../guard/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import type { Actor } from './actor.ts';
import type { ArrivalStep, DecisionStep, Place, Step } from './explanation.ts';
import { endpointFor, type Labels, systemServiceFor } from './labels.ts';
import type { Act } from './question.ts';
import type { Sources } from './sources.ts';
import type { Arrival, Happening, Recording, Stage } from './stage.ts';

/** What a rehearsal is told with. */
export interface Telling {
  readonly stage: Stage;
  readonly labels: Labels;
  readonly sources: Sources;
}

/** Tells a recording as steps, in order. */
export function stepsOf(telling: Telling, actor: Actor, act: Act, recording: Recording): Step[] {
  const crossings = new Set<string>();
  const steps = recording.happenings.flatMap((each): Step[] => {
    if (each.kind === 'arrival') return [arrivalStep(telling, act, each.arrival, recording)];
    if (isQuiet(each.decision) || isRepeated(each.decision, crossings)) return [];
    return [...renaming(telling, act, each.decision), decisionStep(telling, each)];
  });
  return [...steps, ...remarks(telling, actor, act, recording)];
}

/** What need not be said: that an ordinary reply subject is one, and that an answer is delivered. */
function isQuiet({ action, verdict }: Decision): boolean {
  return verdict.allowed && (action === 'reply' || action === 'deliver');
}

/** The way back asks again whether the door stands; that is said once. */
function isRepeated({ action, account, subject, verdict }: Decision, told: Set<string>): boolean {
  if (action !== 'crossing' || account === undefined) return false;
  const key = `${accountText(account)} ${subject} ${verdict.rule}`;
  const isKnown = told.has(key);
  told.add(key);
  return isKnown;
}

/** That a mapping makes another subject of what is published, before anything is decided about it. */
function renaming({ labels, sources }: Telling, act: Act, { action, account, subject }: Decision): Step[] {
  if (action !== 'publish' || account === undefined || act.kind === 'connect' || subject === act.subject)
    return [];
  const at = labels.mapping(accountBytes(account), act.subject)?.at;
  const text = `A mapping makes "${toText(subject)}" of "${toText(act.subject)}".`;
  return [{ kind: 'note', text, ...(at === undefined ? {} : { at: sources.place(at) }) }];
}

function decisionStep(
  { sources }: Telling,
  { decision, over }: Happening & { kind: 'decision' },
): DecisionStep {
  const { action, account, principal, subject, queue, verdict, reasons } = decision;
  return {
    kind: 'decision',
    action,
    ...(account === undefined ? {} : { account: accountText(account) }),
    ...(principal === undefined || principal.user === '' ? {} : { user: toText(principal.user) }),
    subject: over ?? toText(subject),
    ...(queue === '' ? {} : { queue: toText(queue) }),
    allowed: verdict.allowed,
    ...(verdict.filtered ? { filtered: true } : {}),
    rule: verdict.rule,
    promise: RULES[verdict.rule].promise,
    reasons: reasons.map(({ text, decided, at }) => ({
      text,
      decided,
      ...(at === undefined ? {} : { at: sources.place(at) }),
    })),
  };
}

function arrivalStep(telling: Telling, act: Act, arrival: Arrival, recording: Recording): ArrivalStep {
  const { account, subject, from } = arrival;
  const step: ArrivalStep = {
    kind: 'arrival',
    account: accountText(account),
    subject: toText(subject),
    ...serviceAt(telling, arrival),
  };
  if (from !== undefined)
    return { ...step, from: accountText(from), ...doorsOf(telling, arrival, recording) };
  const { labels, sources } = telling;
  if (act.kind === 'connect' || act.kind === 'subscribe' || subject === act.subject) return step;
  const mapping = labels.mapping(accountBytes(account), act.subject);
  return mapping?.at === undefined ? step : { ...step, mapping: sources.place(mapping.at) };
}

/** The lines of the two ends of the door a message came through. The built-in doors have none. */
function doorsOf({ labels, sources }: Telling, arrival: Arrival, recording: Recording): Doorway {
  const { account, subject, from } = arrival;
  if (from === undefined) return {};
  const before = recording.happenings.find(
    (each) => each.kind === 'arrival' && each.arrival.account === from && each.arrival !== arrival,
  );
  const local = before?.kind === 'arrival' ? before.arrival.subject : subject;
  const taken = labels.serviceImport(accountBytes(from), accountBytes(account), local, subject);
  if (taken === undefined) return {};
  const offer = labels.exportFor(taken);
  return {
    ...(taken.at === undefined ? {} : { import: sources.place(taken.at) }),
    ...(offer?.at === undefined ? {} : { export: sources.place(offer.at) }),
  };
}

interface Doorway {
  import?: Place;
  export?: Place;
}

function serviceAt({ stage }: Telling, { account, subject }: Arrival): { service?: string; doc?: string } {
  const system = stage.server.guard.kindOf(account) === 'system' ? systemServiceFor(subject) : undefined;
  if (system !== undefined) return { service: system.subject, doc: system.doc };
  const row = endpointFor(subject);
  if (row === undefined || stage.options.jetstream === undefined) return {};
  const isSystem = stage.server.guard.kindOf(account) === 'system';
  if (isSystem !== (row.door === 'system-service')) return {};
  const when = isSystem ? '' : ' Answered here while the stream or consumer exists.';
  return { service: row.subject, doc: `${row.doc}${when}` };
}

/** What a reader should know besides. */
function remarks(telling: Telling, actor: Actor, act: Act, recording: Recording): Step[] {
  const texts: { text: string; at?: Place }[] = [];
  if (act.kind === 'subscribe') texts.push(...feeds(telling, actor.account, act.subject));
  if (act.kind === 'publish' && /(^|\.)[*>](\.|$)/.test(act.subject)) {
    texts.push({
      text: 'In a published subject a wildcard is an ordinary token. To ask about all subjects of a pattern, use --who.',
    });
  }
  const error = /^-ERR '(.*)'\r$/m.exec(recording.received)?.[1];
  const isRefused = recording.happenings.some(
    (each) => each.kind === 'decision' && !each.decision.verdict.allowed,
  );
  if (error !== undefined && !isRefused)
    texts.push({ text: `The server answers -ERR '${toText(error as ByteString)}': a limit, not a right.` });
  const answer = apiError(recording.received);
  if (answer !== undefined) texts.push({ text: answer });
  return texts.map((each) => ({ kind: 'note', ...each }));
}

/** The imports that a subscription would be served from, besides its own account. */
function feeds(
  { labels, sources }: Telling,
  account: ByteString,
  subject: ByteString,
): { text: string; at?: Place }[] {
  return labels.streamImports(account, subject).map((each) => ({
    text: `It also brings in "${toText(each.subject)}" of account "${toText(each.account)}", by a stream import.`,
    ...(each.at === undefined ? {} : { at: sources.place(each.at) }),
  }));
}

/** Errors of the API that come before any request is looked at, whatever it holds. */
const NOT_ENABLED = [10_039, 10_076];

function apiError(received: string): string | undefined {
  const [, code, description] = /"err_code":(\d+),"description":"([^"]*)"/.exec(received) ?? [];
  if (code === undefined || !NOT_ENABLED.includes(Number(code))) return undefined;
  return `It would be answered with error ${code}: ${description}.`;
}
