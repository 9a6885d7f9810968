import type { Message, Random } from '../base/index.ts';
import type { MatchedQueue, MatchResult } from '../subjects/index.ts';
import type { Interest, Sender } from './interest.ts';
import type { Passage } from './passage.ts';

/**
 * Delivers a message to all plain interests and to one member of each queue group.
 * @returns how many received it.
 */
export function deliverTo(
  result: MatchResult<Interest>,
  message: Message,
  sender: Sender,
  passage: Passage | undefined,
  random: Random,
): number {
  let received = 0;
  const { plain, queues } = result;
  for (let i = 0; i < plain.length; i++) {
    received += (plain[i] as Interest).receive(message, sender, passage);
  }
  for (let i = 0; i < queues.length; i++) {
    received += deliverToOne(queues[i] as MatchedQueue<Interest>, message, sender, passage, random);
  }
  return received;
}

/** One member chosen by chance; when it cannot take the message, the next ones in turn. */
function deliverToOne(
  group: MatchedQueue<Interest>,
  message: Message,
  sender: Sender,
  passage: Passage | undefined,
  random: Random,
): number {
  const { members } = group;
  const start = members.length === 1 ? 0 : random.below(members.length);
  for (let i = 0; i < members.length; i++) {
    const member = members[(start + i) % members.length] as Interest;
    if (!member.accepts(sender)) continue;
    const received = member.receive(message, sender, passage);
    if (received > 0) return received;
  }
  return 0;
}
