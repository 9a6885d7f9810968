import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timer } from '../base/index.ts';
import { monitor, type SystemView } from '../system/index.ts';
import { causeText, type LogSink } from './log.ts';
import type { MonitoringBook } from './monitoring-book.ts';

/** What monitoring over HTTP needs of the server. */
export interface MonitoringHouse {
  readonly view: SystemView & { readonly http: MonitoringBook };
  readonly log: LogSink;
  /** Runs a task on the wire clock. */
  after(delayMs: number, task: () => void): Timer;
}

/** How long a reader may take over one answer, ms, and how many bytes may wait for all readers. */
export interface AnswerBounds {
  readonly answerMs: number;
  readonly pendingBytes: number;
}

const TEXT = 'text/plain; charset=utf-8';
const CLOSE = { Connection: 'close' };

/**
 * Answers requests: reading only, and nothing that a request carries beyond its address is looked at. As on the real
 * server everybody may ask who reaches the port, scripts of web pages included.
 */
export class MonitoringPages {
  readonly #house: MonitoringHouse;
  readonly #bounds: AnswerBounds;
  #pendingBytes = 0;

  constructor(house: MonitoringHouse, bounds: AnswerBounds) {
    this.#house = house;
    this.#bounds = bounds;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return this.#send(response, text(405, 'monitoring is read with GET or HEAD\n'), {
        ...CLOSE,
        Allow: 'GET, HEAD',
      });
    if (hasBody(request))
      return this.#send(response, text(400, 'a request for monitoring has no body\n'), CLOSE);
    if (this.#pendingBytes > this.#bounds.pendingBytes)
      return this.#send(response, text(503, 'too much is being read already\n'), CLOSE);
    this.#send(response, this.#answer(request.url ?? ''));
  }

  #answer(target: string): monitor.MonitorAnswer {
    const { view, log } = this.#house;
    const found = monitor.findPage(target, view.http.basePath);
    if (found === undefined) return monitor.NO_PAGE;
    view.http.requested(found.path);
    try {
      return found.answer(view);
    } catch (error) {
      log.write('error', `Internal error in monitoring of ${found.path}: ${causeText(error)}`);
      return text(500, 'internal error\n');
    }
  }

  #send(
    response: ServerResponse,
    { status, contentType, body }: monitor.MonitorAnswer,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    const bytes = Buffer.from(body, 'utf8');
    this.#pendingBytes += bytes.length;
    const deadline = this.#house.after(this.#bounds.answerMs, () => response.destroy());
    response.once('close', () => {
      this.#pendingBytes -= bytes.length;
      deadline.cancel();
    });
    response.writeHead(status, {
      ...headers,
      // Tools that run inside web pages read the data (measured on 2.14.5).
      ...(contentType === 'application/json' ? { 'Access-Control-Allow-Origin': '*' } : {}),
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      'Content-Type': contentType,
      'Content-Length': bytes.length,
    });
    response.end(bytes);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function text(status: number, body: string): monitor.MonitorAnswer {
  return { status, contentType: TEXT, body };
}
