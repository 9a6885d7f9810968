import { encodeJson, formatInstant, type Instant, type Message } from '../base/index.ts';
import type { LatencyOptions } from '../config/index.ts';
import type { Account } from './account.ts';
import type { DoorEnds } from './imports.ts';
import type { Sender } from './interest.ts';
import type { Passage } from './passage.ts';
import { clientInfo } from './request-info.ts';
import { sampledHeaders, type TraceHeaders } from './trace-headers.ts';

const TYPE = 'io.nats.server.metric.v1.service_latency';
const NS_PER_MS = 1_000_000;

/** How a measured request can end, with the status and description of its metric (measured on 2.14.5). */
const ENDS = {
  answered: [200, undefined],
  'bad-request': [400, 'Bad Request'],
  'requester-gone': [408, 'Request Timeout'],
  'no-responders': [503, 'Service Unavailable'],
  'timed-out': [504, 'Service Timeout'],
} as const;

/** One request whose way is measured. Its metric is published once, in the account that serves it. */
export class LatencyMeasure {
  /** What it keeps of the request's headers, at most: what it shows of them may be cut out of the whole block. */
  readonly bytes: number;
  readonly #exporter: Account;
  readonly #options: LatencyOptions;
  readonly #requestor: Record<string, unknown>;
  readonly #header: TraceHeaders | undefined;
  readonly #start: Instant;
  #isOver = false;

  constructor(
    exporter: Account,
    options: LatencyOptions,
    requestor: Record<string, unknown>,
    header: TraceHeaders | undefined,
    headerBytes: number,
  ) {
    this.bytes = header === undefined ? 0 : headerBytes;
    this.#exporter = exporter;
    this.#options = options;
    this.#requestor = requestor;
    this.#header = header;
    this.#start = exporter.house.clock.instant();
  }

  /**
   * The request is over.
   * @param responder who answered.
   * @param passage how the answer came, where it is another account's: its clients are nobody's business here.
   */
  end(how: keyof typeof ENDS, responder?: Sender, passage?: Passage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { subject } = this.#options;
    if (!this.#exporter.hasInterest(subject)) return;
    const metric = this.#metric(how, responder && clientInfo(responder, passage));
    this.#exporter.house.emit(this.#exporter, subject, Buffer.from(encodeJson(metric)));
  }

  /** Fields in the order of the real server. */
  #metric(how: keyof typeof ENDS, responder: Record<string, unknown> | undefined): Record<string, unknown> {
    const [status, description] = ENDS[how];
    const now = this.#exporter.house.clock.instant();
    const spent = how === 'answered' ? nanosBetween(this.#start, now) : 0;
    return {
      type: TYPE,
      id: this.#exporter.eventId(),
      timestamp: formatInstant(now),
      status,
      description,
      requestor: this.#requestor,
      responder,
      header: this.#header,
      start: formatInstant(this.#start),
      service: spent,
      system: 0,
      total: spent,
    };
  }
}

function nanosBetween(start: Instant, end: Instant): number {
  return Math.max(0, (end.ms - start.ms) * NS_PER_MS + end.ns - start.ns);
}

/**
 * Begins to measure a request when it is one of the sample: a share by chance, or those whose headers ask for it.
 * Nobody learns from a metric who asked, where an import on the way does not share it.
 */
export function beginMeasure(
  { exporter }: DoorEnds,
  options: LatencyOptions,
  message: Message,
  sender: Sender,
  way: Passage,
): LatencyMeasure | undefined {
  const { sampling } = options;
  const isDrawn = sampling !== 'headers' && exporter.drawsLatencySample(sampling);
  const header = isDrawn ? undefined : sampledHeaders(message);
  if (!isDrawn && header === undefined) return undefined;
  return new LatencyMeasure(
    exporter,
    options,
    clientInfo(sender, way),
    header,
    message.payloadStart - message.headerStart,
  );
}
