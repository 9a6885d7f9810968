import type { Message } from '../base/index.ts';
import type { Consumer, PullRequest } from '../jetstream/index.ts';
import { type ByteString, bytesAt } from '../subjects/index.ts';
import { decodePlain, JsonError } from './decode.ts';
import type { SubjectCall } from './endpoint.ts';
import { shapeLater } from './go-shape.ts';
import { PullRequestBody } from './schemas.ts';

const shape = shapeLater(PullRequestBody, 'JSApiConsumerGetNextRequest');
const ONE: PullRequest = { batch: 1, isBare: true };

/** Bodies that were read lately, and how long they may be: clients ask with the same bytes again and again. */
const MOST_BODIES = 64;
const LONGEST_BODY = 256;
const lately = new Map<ByteString, PullRequest>();

/** What a request for messages is answered through. */
type PullCall = Pick<SubjectCall<unknown, unknown>, 'sink'>;

/** Hands a MSG.NEXT request to its consumer. */
export function pullFrom(consumer: Consumer, call: PullCall & { readonly message: Message }): void {
  const { buffer, payloadStart, end } = call.message;
  pullAs(consumer, bytesAt(buffer, payloadStart, end), call);
}

/**
 * The same with the body alone: JSON when it opens with `{`, else a number of messages; anything else asks for one
 * (measured on 2.14.5).
 */
export function pullAs(consumer: Consumer, body: ByteString, call: PullCall): void {
  const request = requestOf(body);
  if (typeof request === 'string') consumer.refuseRequest(request, call.sink());
  else consumer.next(request, call.sink());
}

/** The request, or what is wrong with it. */
function requestOf(body: ByteString): PullRequest | string {
  if (!body.startsWith('{')) return numberOf(body);
  return lately.get(body) ?? decoded(body);
}

function decoded(body: ByteString): PullRequest | string {
  try {
    const request: PullRequest = decodePlain(body, shape());
    if (body.length <= LONGEST_BODY) remember(body, request);
    return request;
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
}

function remember(body: ByteString, request: PullRequest): void {
  if (lately.size >= MOST_BODIES) lately.clear();
  lately.set(body, request);
}

function numberOf(text: string): PullRequest {
  const batch = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(batch) && batch > 0 ? { batch, isBare: true } : ONE;
}
