import { BoundaryModel, type Delivery, type Outcome as Expectation } from '../../model/index.ts';
import type { Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import type { Deed } from '../journal.ts';
import type { Outcome } from '../run.ts';
import { accountOf, rightsOf, type World } from '../world.ts';
import { Names } from './names.ts';

/** Server and model must say alike who receives each message, under which name and with which reply. */
export function judgeAgreement(scenario: Scenario, outcome: Outcome): Finding | undefined {
  const replay = new Replay(scenario, outcome);
  for (const deed of outcome.deeds) {
    const details = replay.play(deed);
    if (details !== undefined)
      return { oracle: 'agreement', summary: 'server and model disagree about who receives', details };
  }
  return undefined;
}

/** What answers of the server itself never look like. */
const MARKED = /^K[0-9a-f]+\//;

/**
 * Plays what was done on the model. Where the model knows several outcomes (a member of a queue group, a drawn mapping)
 * the server says by what it delivered which one it was, and the model goes on from there.
 */
class Replay {
  readonly #model: BoundaryModel;
  readonly #names = new Names();
  readonly #received: ReadonlyMap<string, readonly Delivery[]>;
  readonly #unserved: ReadonlyMap<string, string>;
  /** Inboxes that more than one message named. */
  readonly #shared: ReadonlySet<string>;
  readonly #users = new Map<string, string>();
  #world: World;

  constructor({ world }: Scenario, outcome: Outcome) {
    this.#world = world;
    this.#model = new BoundaryModel(world.accounts);
    this.#received = deliveries(outcome);
    this.#unserved = unserved(outcome);
    this.#shared = sharedReplies(outcome);
  }

  /** Returns what is wrong with what the server made of it. */
  play(deed: Deed): readonly string[] | undefined {
    switch (deed.kind) {
      case 'open':
        this.#users.set(deed.label, deed.user);
        this.#model.connect(deed.label, accountOf(this.#world, deed.user), rightsOf(this.#world, deed.user));
        return undefined;
      case 'close':
        this.#model.disconnect(deed.label);
        return undefined;
      case 'sub': {
        const { label, sid, queue } = deed;
        this.#model.subscribe({ connection: label, sid, subject: this.#names.ofModel(deed.subject), queue });
        return undefined;
      }
      case 'unsub':
        this.#model.unsubscribe(deed.label, deed.sid);
        return undefined;
      case 'advance':
        this.#model.advance(deed.ms);
        return undefined;
      case 'reload':
        this.#reload(deed.world);
        return undefined;
      case 'pub':
        return this.#publish(deed);
    }
  }

  #reload(world: World): void {
    this.#world = world;
    this.#model.reload(world.accounts, (label) => rightsOf(world, this.#users.get(label) ?? ''));
  }

  #publish(deed: Extract<Deed, { kind: 'pub' }>): readonly string[] | undefined {
    const { label, body, hasHeader } = deed;
    const expected = this.#model.publish(label, {
      subject: this.#names.ofModel(deed.subject),
      reply: this.#names.ofModel(deed.reply),
      isEmpty: body === '' && !hasHeader,
    });
    if (!MARKED.test(body)) return this.#assume(expected[0]);
    const got = this.#received.get(body) ?? [];
    for (const one of expected) {
      if (!this.#isToldRight(deed, one)) continue;
      const delivered = this.#names.explain(one, got);
      if (delivered === undefined) continue;
      this.#model.settle(one, delivered);
      return undefined;
    }
    return [
      `${label} publishes ${deed.subject}${deed.reply === '' ? '' : ` with reply ${deed.reply}`} (${body})`,
      ...expected.map((one) => `expected: ${wantedText(one, deed.asks)}`),
      `received by ${list(got)}${this.#unserved.has(deed.reply) ? '; no responders' : ''}`,
    ];
  }

  /** Who gets a message without a mark is not compared; what follows from it is assumed. */
  #assume(expected: Expectation | undefined): undefined {
    if (expected === undefined) return undefined;
    const chosen = expected.oneOf.flatMap((group) => group.slice(0, 1));
    this.#model.settle(expected, [...expected.all, ...chosen]);
  }

  /**
   * Whether the requester is told of "no responders" exactly when there are none. The server's own services aside, and
   * subjects with an empty token: nobody gets those, whether they are refused or not. An inbox that others named too
   * does not tell whose request it speaks of.
   */
  #isToldRight(
    { label, subject, reply, asks }: Extract<Deed, { kind: 'pub' }>,
    expected: Expectation,
  ): boolean {
    if (!asks || subject.startsWith('$') || subject.split('.').includes('')) return true;
    // Who answers somebody that is gone is told so here, and not by nats-server (measured on 2.14.5).
    if (this.#shared.has(reply) || subject.startsWith('_R_.')) return true;
    const { noResponders } = expected;
    const due = noResponders !== undefined && this.#model.hears(label, reply);
    const told = this.#unserved.get(reply);
    return due ? told === this.#names.ofServer(noResponders) : told === undefined;
  }
}

/** The receivers of each marked message. */
function deliveries(outcome: Outcome): Map<string, Delivery[]> {
  const received = new Map<string, Delivery[]>();
  for (const { label, frames } of outcome.records) {
    for (const frame of frames) {
      if (frame.op !== 'MSG' || !MARKED.test(frame.payload)) continue;
      const known = received.get(frame.payload) ?? [];
      known.push({ connection: label, sid: frame.sid, subject: frame.subject, reply: frame.reply });
      received.set(frame.payload, known);
    }
  }
  return received;
}

const NO_RESPONDERS = /^NATS\/1\.0 503\r\nNats-Subject: (.*)\r\n/;

/** The subject that each inbox was told has no responders. */
function unserved(outcome: Outcome): Map<string, string> {
  const told = new Map<string, string>();
  for (const { frames } of outcome.records) {
    for (const frame of frames) {
      const subject = frame.op === 'MSG' ? NO_RESPONDERS.exec(frame.header)?.[1] : undefined;
      if (frame.op === 'MSG' && subject !== undefined) told.set(frame.subject, subject);
    }
  }
  return told;
}

function sharedReplies({ deeds }: Outcome): Set<string> {
  const replies = deeds.flatMap((deed) => (deed.kind === 'pub' ? [deed.reply] : []));
  return new Set(replies.filter((reply, i) => replies.indexOf(reply) < i));
}

function nameOf({ connection, sid, subject, reply }: Delivery): string {
  return `${connection}/${sid} as ${subject}${reply === '' ? '' : ` (reply ${reply})`}`;
}

function wantedText({ all, oneOf, noResponders }: Expectation, asks: boolean): string {
  const groups = oneOf.map((group) => `one of ${list(group)}`);
  const status = asks && noResponders !== undefined ? '; no responders' : '';
  return `${[list(all), ...groups].join(' and ')}${status}`;
}

function list(deliveries: readonly Delivery[]): string {
  return deliveries.length === 0 ? 'nobody' : deliveries.map(nameOf).join(', ');
}
