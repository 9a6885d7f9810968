import { encodeJson } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { connectionsEvent } from './event-body.ts';
import type { ServerStamp } from './server-info.ts';
import type { ReplyBody, Service } from './service.ts';
import type { SystemView } from './view.ts';

/** The way back to who asked. */
export interface ServiceReply {
  send(outcome: ReplyBody | number | undefined): void;
  /** The service failed. */
  fail(code: number, description: string): void;
  /** The request could not be read. */
  badRequest(description: string): void;
}

/** Writes what services answer; the one place where a reply gets its envelope. */
export class Answerer {
  readonly #view: SystemView;
  readonly #stamp: ServerStamp;

  constructor(view: SystemView, stamp: ServerStamp) {
    this.#view = view;
    this.#stamp = stamp;
  }

  /** @param receiver the account on whose behalf the request came: its replies are numbered. */
  to(row: Service, subject: ByteString, receiver: AccountId): ServiceReply {
    const emit = (body: ReplyBody | number): void => {
      const { system } = this.#view;
      if (system !== undefined) this.#view.emit(system, subject, encodeJson(body));
    };
    const server = (): ReplyBody => this.#stamp.next(receiver);
    // Measured on 2.14.5: `data` is null beside an error of the service, and absent where the request is at fault.
    const noData = row.answer === 'data' ? { data: null } : {};
    return {
      send: (outcome) => emit(this.#shaped(row, outcome, server)),
      fail: (code, description) => emit({ server: server(), ...noData, error: { code, description } }),
      badRequest: (description) => emit({ server: server(), error: { code: 400, description } }),
    };
  }

  #shaped(
    { answer }: Service,
    outcome: ReplyBody | number | undefined,
    server: () => ReplyBody,
  ): ReplyBody | number {
    if (typeof outcome === 'number') return outcome;
    switch (answer) {
      case 'data':
        return { server: server(), data: outcome };
      case 'statsz':
        return { server: server(), statsz: outcome };
      case 'connections-event':
        return connectionsEvent(this.#view, server(), outcome ?? {});
      case 'done':
        return { server: server() };
      default:
        return outcome ?? {};
    }
  }
}
