import { limits, Message, withHeader, withoutHeader } from '../base/index.ts';
import { EMPTY_BYTES } from '../subjects/index.ts';
import type { ServiceImport } from './imports.ts';
import type { Passage, Sender } from './interest.ts';
import type { ReplyMapping } from './replies.ts';
import { requestInfo } from './request-info.ts';

/** Written by the server for the service's eyes; read back by nobody in here (CVE-2026-33246, CVE-2026-33223). */
const REQUEST_INFO = 'Nats-Request-Info';
/** Acknowledgement subjects name what they acknowledge; they cross as they are (measured on 2.14.5). */
const ACK_PREFIX = '$JS.ACK.';

/**
 * The only file where a message changes account.
 *
 * A request crosses from the importing account into the exporting one: the guard decides, the reply subject becomes a
 * mapping that only the exporting account knows, every copy of the identity header that came with the request is
 * removed and the server's own is written.
 * @returns how many received it over there.
 */
export function crossRequest(
  imported: ServiceImport,
  message: Message,
  sender: Sender,
  passage: Passage | undefined,
): number {
  const { importer, exporter } = imported;
  const offer = exporter.exportFor(imported.remote);
  const verdict = importer.house.guard.crossing(importer.id, imported.remote, offer, sender.principal);
  if (!verdict.allowed || offer === undefined) return 0;
  if (wasHere(passage, offer)) return 0;

  const next: Passage = {
    from: importer.id,
    through: offer,
    previous: passage,
    depth: (passage?.depth ?? 0) + 1,
  };
  const mapping =
    message.reply === '' || message.reply.startsWith(ACK_PREFIX)
      ? undefined
      : exporter.repliesTo(importer).open(message.reply, offer);
  const crossed = new Message();
  crossed.subject = imported.remoteSubject(message.route);
  crossed.reply = mapping?.subject ?? message.reply;
  writeRequestInfo(crossed, message, requestInfo(sender, next, imported.share));
  const received = exporter.deliver(crossed.subject, crossed, sender, next);
  if (received === 0) mapping?.close();
  return received;
}

/** A chain that comes back to an export it went through, or grows too long, stops here (CVE-2022-42709). */
function wasHere(passage: Passage | undefined, through: object): boolean {
  if (passage !== undefined && passage.depth >= limits.MAX_CROSSINGS) return true;
  for (let step = passage; step !== undefined; step = step.previous)
    if (step.through === through) return true;
  return false;
}

function writeRequestInfo(crossed: Message, message: Message, info: string): void {
  const { buffer, headerStart, payloadStart, end } = message;
  const header = withHeader(
    withoutHeader(buffer.subarray(headerStart, payloadStart), REQUEST_INFO),
    REQUEST_INFO,
    info,
  );
  const whole = Buffer.concat([header, buffer.subarray(payloadStart, end)]);
  crossed.place(whole, 0, header.length, whole.length);
}

/**
 * A response crosses back to where its request came from, under the reply subject the requester named, its header as
 * sent. A reply subject of its own becomes a mapping in the other direction.
 * @returns how many received it over there.
 */
export function crossResponse(mapping: ReplyMapping, message: Message, sender: Sender): number {
  const { exporter, importer, original, offer } = mapping;
  const crossed = new Message();
  crossed.subject = original;
  crossed.place(message.buffer, message.headerStart, message.payloadStart, message.end);
  const keepsReply = message.reply === '' || message.reply.startsWith(ACK_PREFIX);
  const back = keepsReply ? undefined : importer.repliesTo(exporter).open(message.reply, offer);
  crossed.reply = keepsReply ? message.reply : (back?.subject ?? EMPTY_BYTES);
  const received = importer.deliver(original, crossed, sender);
  if (received === 0) back?.close();
  return received;
}
