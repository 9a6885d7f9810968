import type { Message } from '../base/index.ts';
import type { Consumer, PullRequest } from '../jetstream/index.ts';
import { bytesAt } from '../subjects/index.ts';
import { decodePlain, JsonError } from './decode.ts';
import type { SubjectCall } from './endpoint.ts';
import { shapeLater } from './go-shape.ts';
import { PullRequestBody } from './schemas.ts';

const shape = shapeLater(PullRequestBody, 'JSApiConsumerGetNextRequest');
const ONE: PullRequest = { batch: 1 };
const OPEN_BRACE = 0x7b;

/**
 * Hands a MSG.NEXT request to its consumer. The payload is JSON when it opens with `{`, else a number of messages;
 * anything else asks for one (measured on 2.14.5).
 */
export function pullFrom(
  consumer: Consumer,
  call: Pick<SubjectCall<unknown, unknown>, 'message' | 'sink'>,
): void {
  const request = requestOf(call.message);
  if (typeof request === 'string') consumer.refuseRequest(request, call.sink());
  else consumer.next(request, call.sink());
}

/** The request, or what is wrong with it. */
function requestOf({ buffer, payloadStart, end }: Message): PullRequest | string {
  if (payloadStart === end) return ONE;
  const text = bytesAt(buffer, payloadStart, end);
  if (buffer[payloadStart] !== OPEN_BRACE) return numberOf(text);
  try {
    return decodePlain(text, shape());
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}

function numberOf(text: string): PullRequest {
  const batch = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(batch) && batch > 0 ? { batch } : ONE;
}
