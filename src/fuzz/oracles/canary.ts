import { messageReach, type Reach } from '../../model/index.ts';
import type { Finding } from '../finding.ts';
import type { Outcome, Sight } from '../run.ts';
import type { Frame } from '../wire-client.ts';
import { markOf, type World } from '../world.ts';

/**
 * Every account's payloads and descriptions carry its mark. Seen in an account that no door lets its messages into, a
 * mark is a leak.
 */
export function judgeCanaries(world: World, outcome: Outcome): Finding | undefined {
  const reach = messageReach(world.accounts);
  const details = outcome.records.flatMap((sight) => foreignMarks(world, reach, sight));
  return details.length === 0
    ? undefined
    : { oracle: 'canary', summary: 'a message crossed accounts without a path', details };
}

function foreignMarks(world: World, reach: Reach, sight: Sight): string[] {
  const foreign = world.accounts.filter((account) => !reach.get(account.name)?.has(sight.account));
  const details: string[] = [];
  for (const account of foreign) {
    const forms = formsOf(account.name);
    const frame = sight.frames.find((each) => forms.some((form) => textOf(each).includes(form)));
    if (frame !== undefined)
      details.push(`${sight.label} of ${sight.account} sees a mark of ${account.name}: ${textOf(frame)}`);
  }
  return details;
}

function textOf(frame: Frame): string {
  if (frame.op === 'CLOSED') return '';
  return frame.op === 'MSG' ? `${frame.subject} ${frame.reply} ${frame.header} ${frame.payload}` : frame.text;
}

const forms = new Map<string, readonly string[]>();

/** The mark as it is, and as base64 at each of the three alignments, as stored messages are shown. */
function formsOf(account: string): readonly string[] {
  let known = forms.get(account);
  if (known === undefined) {
    const mark = markOf(account);
    known = [mark, ...[0, 1, 2].map((shift) => base64Core(mark, shift))];
    forms.set(account, known);
  }
  return known;
}

/** The characters of the base64 text that depend on the mark alone, when `shift` bytes stand before it. */
function base64Core(mark: string, shift: number): string {
  const text = Buffer.from('x'.repeat(shift) + mark, 'latin1').toString('base64');
  const start = Math.ceil((shift * 4) / 3);
  const end = Math.floor(((shift + mark.length) * 8) / 6);
  return text.slice(start, end);
}
