import type { AccountId } from '../guard/index.ts';
import { type ByteString, isSubsetOf } from '../subjects/index.ts';

/** How many answers a request may get. Stream and chunked end with an empty message (measured on 2.14.5). */
export type ResponseType = 'singleton' | 'stream' | 'chunked';

/** How long a reply mapping lives without an answer, ms (measured on 2.14.5). */
const DEFAULT_RESPONSE_THRESHOLD_MS = 120_000;

/** A service that an account offers to others. */
export class ServiceExport {
  readonly subject: ByteString;
  readonly responseType: ResponseType;
  readonly thresholdMs: number;
  /** The accounts it is offered to; absent: to every account. */
  readonly accounts?: readonly AccountId[];

  constructor(
    subject: ByteString,
    responseType: ResponseType = 'singleton',
    thresholdMs = DEFAULT_RESPONSE_THRESHOLD_MS,
    accounts?: readonly AccountId[],
  ) {
    this.subject = subject;
    this.responseType = responseType;
    this.thresholdMs = thresholdMs;
    if (accounts !== undefined) this.accounts = accounts;
  }

  covers(subject: ByteString): boolean {
    return isSubsetOf(subject, this.subject);
  }
}
