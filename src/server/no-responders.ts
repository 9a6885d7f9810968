import { Message, statusHeader } from '../base/index.ts';

/** What a requester is told when nobody received its request (measured on 2.14.5). */
export function noRespondersStatus(request: Message): Message {
  const header = statusHeader('503', [['Nats-Subject', request.subject]]);
  const status = new Message();
  status.subject = request.reply;
  status.place(header, 0, header.length, header.length);
  return status;
}
