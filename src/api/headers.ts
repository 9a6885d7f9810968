import { headerValue, type Message, statusHeader } from '../base/index.ts';
import { API_LEVEL } from './view.ts';

const REQUIRED_LEVEL = 'Nats-Required-Api-Level';

/** How an endpoint that answers with raw messages refuses a level it does not have (measured on 2.14.5). */
export const LEVEL_TOO_LOW = statusHeader('412 Required Api Level');

/** Whether a request demands more than this API has. What is not a number demands too much (measured). */
export function demandsMore(message: Message): boolean {
  if (!message.hasHeader) return false;
  const value = headerValue(message.buffer, message.headerStart, message.payloadStart, REQUIRED_LEVEL);
  if (value === undefined || value === '') return false;
  const text = value.trim();
  return !/^[+-]?\d+$/.test(text) || Number(text) > API_LEVEL;
}
