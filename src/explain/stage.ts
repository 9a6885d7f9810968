import { limits, Message } from '../base/index.ts';
import {
  CONNECTION_KINDS,
  type ConnectionKind,
  GLOBAL_ACCOUNT,
  type ServerOptions,
} from '../config/index.ts';
import type { AccountId, ControlId, Decision } from '../guard/index.ts';
import { RehearsalServer, type Rehearsed } from '../server/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes, toText } from '../subjects/index.ts';
import type { Actor } from './actor.ts';
import type { Act } from './question.ts';

const EVERYTHING = toBytes('>');
const NO_BYTES = Buffer.alloc(0);
const SUB_ID = 'rehearsal';

/** A message that got somewhere. */
export interface Arrival {
  readonly account: AccountId;
  readonly subject: ByteString;
  readonly reply: ByteString;
  /** The account it crossed from; absent where it was published. */
  readonly from?: AccountId;
}

/** What happened, in order. */
export type Happening =
  | { readonly kind: 'decision'; readonly decision: Decision; readonly over?: ConnectionKind }
  | { readonly kind: 'arrival'; readonly arrival: Arrival };

/** One rehearsed act: all that was decided and happened, and what the client was sent. */
export interface Recording {
  readonly happenings: readonly Happening[];
  /** One character a byte. */
  readonly received: string;
}

/**
 * Where acts are rehearsed: a server of the same options with nobody in it. Every decision of its guard and every
 * account's messages are watched.
 */
export class Stage {
  readonly server: RehearsalServer;
  readonly options: ServerOptions;
  #happenings: Happening[] | undefined;
  #over: ConnectionKind | undefined;

  /** @param watched the accounts whose messages are watched; absent: all. */
  constructor(
    options: ServerOptions,
    controlsOff: readonly ControlId[] = [],
    watched: ReadonlySet<ByteString> = namesOf(options),
  ) {
    this.options = options;
    this.server = new RehearsalServer(options, controlsOff);
    this.server.guard.observe((decision) => this.#decided(decision), { every: true, reasons: true });
    for (const name of watched) {
      const account = this.server.accounts.named(name);
      account?.subscribe(EVERYTHING, (message, sender, passage) => {
        // What the server itself sends, answers and events, is no message of the act.
        if (sender.receiver === undefined) return;
        const { subject, reply } = message;
        const from = passage === undefined ? {} : { from: passage.from };
        this.#arrived({ account: account.id, subject, reply, ...from });
      });
    }
  }

  /** Lets somebody act, and tells what came of it. */
  rehearse(actor: Actor, act: Act): Recording {
    const happenings: Happening[] = [];
    this.#happenings = happenings;
    try {
      if (act.kind === 'connect') return { happenings, received: this.#connectOverAll(actor) };
      const client = this.#enter(actor, actor.kind);
      client.say(...linesOf(act));
      if (act.kind === 'request') this.#answer(happenings);
      const { received } = client;
      this.#happenings = undefined;
      client.leave();
      return { happenings, received };
    } finally {
      this.#happenings = undefined;
    }
  }

  /** Nothing of it stays. */
  close(): void {
    void this.server.stop();
  }

  #connectOverAll(actor: Actor): string {
    let received = '';
    for (const kind of CONNECTION_KINDS) {
      const client = this.#enter(actor, kind);
      received += client.received;
      client.leave();
    }
    return received;
  }

  #enter(actor: Actor, kind: ConnectionKind): Rehearsed {
    this.#over = kind;
    const client = this.server.rehearse(actor.finding, kind);
    const user = actor.user === '' ? {} : { user: toText(actor.user) };
    const options = { ...user, verbose: false, headers: true, no_responders: true, protocol: 1 };
    client.say(`CONNECT ${toBytes(JSON.stringify(options))}`);
    this.#over = undefined;
    return client;
  }

  /** Where a request waits in another account for somebody to serve it, somebody does: one empty answer for each. */
  #answer(happenings: readonly Happening[]): void {
    const { accounts } = this.server;
    const waiting = happenings.flatMap((each) => (each.kind === 'arrival' ? [each.arrival] : []));
    for (const { account: id, reply, from } of waiting) {
      const account = accounts.of(id);
      if (from === undefined || reply === '' || account === accounts.system) continue;
      const answer = new Message();
      answer.subject = reply;
      answer.place(NO_BYTES, 0, 0, 0);
      account.deliver(reply, answer, account.teller);
      this.server.settle();
    }
  }

  #decided(decision: Decision): void {
    const over = decision.action === 'connect' ? this.#over : undefined;
    this.#note({ kind: 'decision', decision, ...(over === undefined ? {} : { over }) });
  }

  /** A watcher may be served before or behind a door on the same subject; here a message is in a place before it leaves. */
  #arrived(arrival: Arrival): void {
    const happenings = this.#happenings;
    if (happenings === undefined || happenings.length >= limits.MAX_REHEARSED) return;
    const entered = happenings.findLastIndex(
      (each) =>
        each.kind === 'decision' &&
        each.decision.verdict.allowed &&
        (arrival.from === undefined
          ? each.decision.action === 'publish' || each.decision.action === 'reply'
          : each.decision.action === 'crossing' && each.decision.account === arrival.from),
    );
    happenings.splice(entered + 1, 0, { kind: 'arrival', arrival });
  }

  #note(happening: Happening): void {
    const happenings = this.#happenings;
    if (happenings !== undefined && happenings.length < limits.MAX_REHEARSED) happenings.push(happening);
  }
}

function namesOf({ accounts, systemAccount }: ServerOptions): ReadonlySet<ByteString> {
  const names = new Set([GLOBAL_ACCOUNT, ...accounts.map(({ name }) => name)]);
  return systemAccount === undefined ? names : names.add(systemAccount);
}

function linesOf(act: Exclude<Act, { kind: 'connect' }>): string[] {
  switch (act.kind) {
    case 'publish':
      return [`PUB ${act.subject} 0`, ''];
    case 'subscribe':
      return [`SUB ${act.subject} ${act.queue === EMPTY_BYTES ? '' : `${act.queue} `}${SUB_ID}`];
    case 'request': {
      const inbox = `${act.inbox}.rehearsal`;
      return [`SUB ${inbox}.* ${SUB_ID}`, `PUB ${act.subject} ${inbox}.1 0`, ''];
    }
  }
}
