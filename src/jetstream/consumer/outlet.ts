import type { Message } from '../../base/index.ts';

/** How far a consumer has come, as those who wait are told. */
export interface Progress {
  /** Messages delivered, repeated ones included. */
  readonly consumerSeq: number;
  /** The stream sequence that the next new message comes after. */
  readonly streamSeq: number;
  /** Whether no more may be delivered before something is acknowledged. */
  readonly isSaturated: boolean;
}

/** Where a consumer's messages go to: requests that wait for them, or a deliver subject. */
export interface Outlet {
  /** Whether somebody may be there who takes a message. */
  readonly isOpen: boolean;
  /** When something falls due here (ms), `Infinity` for never. */
  readonly nextDue: number;
  /**
   * Looks for somebody who takes a message, and ends the wait of those who cannot; only from a Runnable.
   * @param pending new messages that come after it.
   * @param unsettled deliveries that wait for their acknowledgement.
   */
  offer(message: Message, pending: number, unsettled: number): boolean;
  /** Sends the message to whoever took the offer; only from a Runnable. */
  send(message: Message, now: number): void;
  /** There is no message to be had. @returns whether that ended somebody's wait. */
  dry(): boolean;
  /** No more may be delivered before something is acknowledged. */
  full(): void;
  /** Does what has fallen due; only from a Runnable. */
  tend(now: number, progress: Progress): void;
}
