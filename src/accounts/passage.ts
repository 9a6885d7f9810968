import type { AccountId } from '../guard/index.ts';

/**
 * One crossing on a message's way: identity that travels beside the message, never in it. There is one object for each
 * way through the doors, not one for each message.
 */
export interface Passage {
  /** A request that entered over a service import, a message that came over a stream import, or an answer. */
  readonly kind: 'request' | 'stream' | 'response';
  /** The account it came from: for a request the one whose import was used. */
  readonly from: AccountId;
  /** The export it went through; a chain that comes back to one it used stops. */
  readonly through: object;
  /** Whether every door so far tells who asks, beyond the account: what one of them keeps back no later one can tell. */
  readonly shares: boolean;
  readonly previous: Passage | undefined;
  readonly depth: number;
}

/** Whether a message is where it was published, or asked for over service imports: what may ask something further. */
export function mayAsk(passage: Passage | undefined): boolean {
  return passage === undefined || passage.kind === 'request';
}
