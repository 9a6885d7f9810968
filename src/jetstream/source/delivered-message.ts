import type { Message } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import type { MessageView } from '../store/message-view.ts';

const ACK = '$JS.ACK.';
const TOKENS = 7;
const NS_DIGITS = 6;

/** What the reply subject of a consumer's delivery tells (see {@link ackReply}). */
export interface Delivered {
  readonly consumer: ByteString;
  /** The how manieth delivery of its consumer it is. */
  readonly count: number;
  /** Messages behind it. */
  readonly pending: number;
}

/**
 * Points a view at a message that a consumer of `origin` delivered: its sequence and time stand in its reply subject.
 * @returns undefined when the subject is no such reply.
 */
export function readDelivery(message: Message, origin: ByteString, into: MessageView): Delivered | undefined {
  const prefix = `${ACK}${origin}.`;
  if (!message.reply.startsWith(prefix)) return undefined;
  const tokens = message.reply.slice(prefix.length).split('.');
  const [consumer = '', , seq = '', count = '', time = '', pending = ''] = tokens;
  if (tokens.length !== TOKENS - 1 || ![seq, count, pending].every(isNumber)) return undefined;
  if (!/^\d{7,20}$/.test(time)) return undefined;
  into.seq = Number(seq);
  into.subject = message.subject;
  into.buffer = message.buffer;
  into.headerStart = message.headerStart;
  into.payloadStart = message.payloadStart;
  into.end = message.end;
  into.ms = Number(time.slice(0, -NS_DIGITS));
  into.ns = Number(time.slice(-NS_DIGITS));
  return { consumer: consumer as ByteString, count: Number(count), pending: Number(pending) };
}

function isNumber(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
