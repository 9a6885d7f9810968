import type { Message } from '../base/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { hasIdentity, placeWithIdentity, withoutIdentity } from './identity-header.ts';
import type { ServiceImport } from './imports.ts';
import type { Sender } from './interest.ts';
import { beginMeasure } from './latency.ts';
import type { Passage } from './passage.ts';
import type { ReplyMapping } from './reply-mapping.ts';
import { borrowScratch, returnScratch } from './scratch.ts';
import type { StreamImport } from './stream-imports.ts';

/** Acknowledgement subjects name what they acknowledge; they cross as they are (measured on 2.14.5). */
const ACK_PREFIX = '$JS.ACK.';

/** Whether a reply subject means the same on both sides of a boundary. */
function crossesAsItIs(reply: ByteString): boolean {
  return reply === '' || reply.startsWith(ACK_PREFIX);
}

/** Whether the server acts on a subject that is published in `here`, other than by handing it back. */
function actsElsewhere(subject: ByteString, here: Account, back: Account): boolean {
  return here.match(subject).plain.some((interest) => interest.actsOutside(back));
}

/**
 * The only file where a message changes account.
 *
 * A request crosses from the importing account into the exporting one: the guard decides, the reply subject becomes a
 * mapping that only the exporting account knows, every copy of the identity header that came with the request is
 * removed and the server's own is written.
 * @param subject what the request is called in the exporting account.
 * @returns how many received it over there.
 */
export function crossRequest(
  door: ServiceImport,
  subject: ByteString,
  message: Message,
  sender: Sender,
  passage: Passage | undefined,
): number {
  const { importer, exporter } = door;
  const offer = door.offerFor(sender.principal);
  const way = offer === undefined ? undefined : door.ways.after(passage, offer);
  if (offer === undefined || way === undefined) return 0;

  const measure = offer.terms.latency && beginMeasure(door, offer.terms.latency, message, sender, way);
  const { reply } = message;
  // An acknowledgement is for whoever asks for it, and for nobody who happens to have the same names.
  const isKept = crossesAsItIs(reply) && (reply === '' || !actsElsewhere(reply, exporter, importer));
  const mapping = isKept ? undefined : exporter.repliesTo(importer).open(message.reply, door, offer, measure);
  const scratch = borrowScratch();
  try {
    const crossed = scratch.message;
    crossed.subject = subject;
    crossed.reply = mapping?.subject ?? message.reply;
    placeWithIdentity(scratch, message, way.identityOf(sender));
    const received = exporter.deliver(subject, crossed, sender, way);
    if (received === 0) mapping?.close();
    if (mapping === undefined) measure?.end('bad-request');
    else if (received === 0) measure?.end('no-responders');
    return received;
  } finally {
    returnScratch();
  }
}

/**
 * A message of a stream crosses from the exporting account into an importing one, under the subject it has there, reply
 * and header as they are; but for a line that claims to say who asks, which services there would believe.
 * @returns how many received it over there.
 */
export function crossStream(door: StreamImport, local: ByteString, message: Message, sender: Sender): number {
  const { importer, way } = door;
  const { route } = message;
  const isForged = hasIdentity(message);
  // The same name on both sides: nothing in the message changes.
  if (local === route && !isForged) return importer.deliver(local, message, sender, way);
  const scratch = borrowScratch();
  try {
    const crossed = scratch.message;
    if (isForged) withoutIdentity(message, crossed);
    else crossed.place(message.buffer, message.headerStart, message.payloadStart, message.end);
    crossed.subject = message.subject === route ? local : message.subject;
    crossed.reply = message.reply;
    if (crossed.subject === message.subject && !isForged) crossed.placeSubjectOf(message);
    return importer.deliver(local, crossed, sender, way);
  } finally {
    returnScratch();
  }
}

/**
 * A response crosses back to where its request came from, under the reply subject the requester named (a consumer's
 * message under its own), its header as sent. A reply subject of its own becomes a mapping in the other direction.
 * @returns how many received it over there.
 */
export function crossResponse(mapping: ReplyMapping, message: Message, sender: Sender): number {
  const { exporter, importer, original, door, offer } = mapping;
  const back = crossesAsItIs(message.reply)
    ? undefined
    : importer.repliesTo(exporter).open(message.reply, door, offer, undefined);
  const scratch = borrowScratch();
  try {
    const crossed = scratch.message;
    crossed.subject = message.subject === message.route ? original : message.subject;
    crossed.reply = back?.subject ?? message.reply;
    crossed.place(message.buffer, message.headerStart, message.payloadStart, message.end);
    const received = importer.deliver(original, crossed, sender, mapping.way);
    if (received === 0) back?.close();
    return received;
  } finally {
    returnScratch();
  }
}
