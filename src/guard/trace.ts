import type { PermissionEntry, Position } from '../config/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import type { Reason, Trace } from './decision.ts';

/**
 * How a decision notes what it looks at, at the very place where it looks: `trace?.note(looked(…))`. Without a trace
 * the text is not even built.
 */

/** Something looked at that did not settle it. */
export function looked(text: string, at?: Position): Reason {
  return { text, decided: false, ...(at === undefined ? {} : { at }) };
}

/** What the verdict follows from. */
export function decided(text: string, at?: Position): Reason {
  return { text, decided: true, ...(at === undefined ? {} : { at }) };
}

/** A subject or name in quotes, as text. */
export function quoted(bytes: ByteString): string {
  return `"${toText(bytes)}"`;
}

/** An entry as the configuration writes it. */
export function entryText({ subject, queue }: PermissionEntry): string {
  return queue === undefined ? quoted(subject) : `"${toText(subject)} ${toText(queue)}"`;
}

const PASSED_OVER = { allow: 'does not cover', deny: 'does not match' } as const;

/** Notes the entries of a list before the one that was found, or all of them where none was. */
export function notePassedOver(
  trace: Trace,
  list: 'allow' | 'deny',
  entries: readonly PermissionEntry[],
  found: PermissionEntry | undefined,
  asked: string,
): void {
  for (const entry of entries) {
    if (entry === found) return;
    trace.note(looked(`${list} ${entryText(entry)} ${PASSED_OVER[list]} ${asked}`, entry.at));
  }
}

/** Collects reasons in the order in which they are noted. */
export class Reasons implements Trace {
  readonly list: Reason[] = [];

  note(reason: Reason): void {
    this.list.push(reason);
  }
}
