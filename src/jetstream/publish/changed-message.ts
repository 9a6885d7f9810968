import type { Message } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import { rewriteHeader } from './header-block.ts';

/** `to` as a copy of a message under another subject; the bytes are the same ones. */
export function underSubject(to: Message, message: Message, subject: ByteString): Message {
  to.subject = subject;
  to.reply = message.reply;
  to.place(message.buffer, message.headerStart, message.payloadStart, message.end);
  return to;
}

/** `to` as a copy of a message with other header lines, see {@link rewriteHeader}; the bytes are its own. */
export function withOtherLines(
  to: Message,
  message: Message,
  drops: (key: string) => boolean,
  add: readonly (readonly [key: string, value: string])[],
): Message {
  const header = rewriteHeader(message.copyHeader(), drops, add);
  const bytes = Buffer.concat([header, message.copyPayload()]);
  to.subject = message.subject;
  to.reply = message.reply;
  to.place(bytes, 0, header.length, bytes.length);
  return to;
}
