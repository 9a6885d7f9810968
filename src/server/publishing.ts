import { Message } from '../base/index.ts';
import { ERRORS, errorLine, OK_LINE, publishViolation, replyViolation } from '../protocol/index.ts';
import type { Connection } from './connection.ts';
import type { ConnectionHost } from './host.ts';
import { noRespondersStatus } from './no-responders.ts';
import { Branch, type Route } from './routes.ts';
import type { Session } from './session.ts';

/** What becomes of the messages that one connection publishes. */
export class Publishing {
  readonly #connection: Connection;
  readonly #host: ConnectionHost;
  /** One message object serves every publish of this connection. */
  readonly #message = new Message();

  constructor(connection: Connection, host: ConnectionHost) {
    this.#connection = connection;
    this.#host = host;
  }

  /** Judges a message and hands it to its account. Offsets are those of `OperationHandler.onPublish`. */
  publish(
    session: Session,
    buffer: Buffer,
    subjectStart: number,
    subjectEnd: number,
    replyStart: number,
    replyEnd: number,
    headerStart: number,
    payloadStart: number,
    end: number,
  ): void {
    const connection = this.#connection;
    const published = session.routes.find(buffer, subjectStart, subjectEnd);
    const { pedantic, verbose, noResponders } = connection.connectOptions;
    if (pedantic && !published.isPublishSubject)
      connection.line(errorLine(ERRORS.invalidPublishSubject.text));
    // From here on there is only the mapped subject: it is what has to be allowed (measured on 2.14.5).
    const route = published.target;
    if (!this.#isAllowed(session, route)) return connection.answer(publishViolation(route.subject));
    const { result } = route;
    // Nobody listens and nobody waits for an answer: nothing is made of the message.
    if (result.entries === 0 && replyEnd === replyStart && this.#host.watch === undefined) {
      if (verbose) connection.line(OK_LINE);
      return;
    }
    const message = this.#message;
    message.place(buffer, headerStart, payloadStart, end);
    message.placeReply(replyStart, replyEnd);
    if (message.hasReply && !this.#mayName(session, buffer, replyStart, replyEnd)) {
      return connection.answer(replyViolation(message.reply));
    }
    if (route === published) route.name(message, subjectStart, subjectEnd);
    else message.subject = route.subject;
    if (verbose) connection.line(OK_LINE);
    this.#host.watch?.published(connection, message);
    const received = route.account.deliverTo(result, undefined, message, connection);
    if (received === 0 && noResponders && message.hasReply) this.#tellNoResponders(session, message);
  }

  #mayName(session: Session, buffer: Buffer, start: number, end: number): boolean {
    return session.replies.allows(this.#host.guard, session.principal, buffer, start, end);
  }

  #isAllowed({ principal, responseGrants }: Session, route: Route): boolean {
    const { guard } = this.#host;
    if (route.allowedAt === guard.generation) return true;
    if (route instanceof Branch && route.admits(guard, principal)) return true;
    const nowMs = responseGrants === undefined ? 0 : this.#host.clock.now();
    const verdict = guard.publish(principal, route.subject, responseGrants, nowMs);
    if (verdict.allowed && verdict.cacheable && guard.mayKeep) route.keepVerdict(guard.generation);
    return verdict.allowed;
  }

  /**
   * Nobody received a request: the requester itself is told, if it listens on the reply subject. It does not count as a
   * delivery (measured on 2.14.5).
   */
  #tellNoResponders(session: Session, request: Message): void {
    const interest = session.subscriptions.findFor(request.reply);
    if (interest !== undefined) this.#connection.send(noRespondersStatus(request), interest.sid);
  }
}
