import { type Action, accountText, type Decision, type RuleId } from '../guard/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';

/** A subject longer than this is cut where it is shown. */
const SHOWN_CHARACTERS = 200;

/** A decision in words, safe to show on one line. Empty where there is nothing: nobody logged in, no queue. */
export interface DecisionText {
  readonly action: Action;
  readonly account: string;
  readonly user: string;
  readonly subject: string;
  readonly queue: string;
  readonly rule: RuleId;
}

export function decisionText({ action, principal, subject, queue, verdict }: Decision): DecisionText {
  return {
    action,
    account: principal === undefined ? '' : accountText(principal.account),
    user: principal === undefined ? '' : printable(principal.user),
    subject: printable(subject),
    queue: printable(queue),
    rule: verdict.rule,
  };
}

/** Hostile bytes as text on one line: control characters shown as such, cut to a length. */
function printable(bytes: ByteString): string {
  const text = toText(bytes);
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
