import { isPattern, matchesSubject } from './patterns.ts';
import { possibleTargets, toLocal, toRemote } from './renaming.ts';
import { isDenied, mayPublish, maySubscribe, type Rights } from './rights.ts';
import { type Offer, offerFor, type Taking, type Tenant } from './topology.ts';

/** A subscription of somebody. */
export interface Interest {
  readonly connection: string;
  readonly sid: string;
  readonly subject: string;
  readonly queue: string | undefined;
}

/** A copy of a message as one subscription gets it. Names of ways back are the model's own: see {@link WAY}. */
export interface Delivery {
  readonly connection: string;
  readonly sid: string;
  readonly subject: string;
  readonly reply: string;
}

/** What may become of one message: each of `all` and exactly one of each list in `oneOf` is delivered. */
export interface Outcome {
  readonly all: readonly Delivery[];
  readonly oneOf: readonly (readonly Delivery[])[];
  /** The subject of which the sender is told that nobody serves it. */
  readonly noResponders: string | undefined;
  /** What changes when this is what happened. */
  readonly effects: readonly (() => void)[];
}

/** What is published. */
export interface Publication {
  readonly subject: string;
  readonly reply: string;
  /** Whether it has neither header nor body: it ends the answers to a request. */
  readonly isEmpty: boolean;
}

/** How the model writes the subject of a way back, whose real name nobody can guess. */
export const WAY = /_R_\.~(\d+)\.~\1/;

/** What the server uses for its own routing (measured on 2.14.5). */
const RESERVED_SUBJECTS = ['_GR_.'];
const RESERVED_REPLIES = ['_R_.', '_GR_.', '$JS.ACK.'];

function startsWithOne(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => text.startsWith(prefix));
}

interface Connected {
  readonly account: string;
  readonly rights: Rights;
  /** Answers it still owes, by reply subject. */
  readonly due: Map<string, { left: number; until: number }>;
}

/** The way back for the answers to one request. */
interface Way {
  readonly name: string;
  /** The account that answers, and the one that asked under the subject `original`. */
  readonly account: string;
  readonly back: string;
  readonly original: string;
  readonly taken: Taking;
  readonly offer: Offer;
  until: number;
}

/** How a message came where it is; what is not at its start and no request goes no further over services. */
interface Passage {
  readonly kind: 'start' | 'request' | 'stream' | 'answer';
  readonly through: readonly Offer[];
}

interface Draft {
  readonly all: Delivery[];
  readonly oneOf: Delivery[][];
  readonly effects: (() => void)[];
}

/**
 * What the boundary promises about subscriptions and messages: who may get a message, over which door and under which
 * name, told with naive loops over lists.
 */
export class BoundaryModel {
  #tenants: readonly Tenant[];
  readonly #connected = new Map<string, Connected>();
  #interests: Interest[] = [];
  #ways: Way[] = [];
  #waysOpened = 0;
  #now = 0;

  constructor(tenants: readonly Tenant[]) {
    this.#tenants = tenants;
  }

  connect(connection: string, account: string, rights: Rights): void {
    this.disconnect(connection);
    this.#connected.set(connection, { account, rights, due: new Map() });
  }

  disconnect(connection: string): void {
    this.#connected.delete(connection);
    this.#interests = this.#interests.filter((interest) => interest.connection !== connection);
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** Other doors, and other rights for those who are there. What hung on a door that is gone is gone for good. */
  reload(tenants: readonly Tenant[], rightsOf: (connection: string) => Rights): void {
    this.#tenants = tenants;
    for (const [connection, { account, rights, due }] of this.#connected) {
      const now = rightsOf(connection);
      const keeps = same(rights.responses, now.responses);
      this.#connected.set(connection, { account, rights: now, due: keeps ? due : new Map() });
    }
    this.#interests = this.#interests.filter(({ connection, subject, queue }) =>
      maySubscribe(this.#rights(connection), subject, queue),
    );
    this.#ways = this.#ways.filter((way) => this.#stands(way));
  }

  /** Returns whether the subscription is accepted. */
  subscribe(interest: Interest): boolean {
    const { connection, subject, queue } = interest;
    if (!this.#connected.has(connection) || !isPattern(subject)) return false;
    if (!maySubscribe(this.#rights(connection), subject, queue)) return false;
    this.#interests.push(interest);
    return true;
  }

  unsubscribe(connection: string, sid: string): void {
    this.#interests = this.#interests.filter((each) => each.connection !== connection || each.sid !== sid);
  }

  /** Whether a connection would read a message of the server to itself. */
  hears(connection: string, subject: string): boolean {
    return this.#interests.some(
      (each) => each.connection === connection && !each.queue && matchesSubject(each.subject, subject),
    );
  }

  /** What may happen: one outcome for each subject that the mappings of the sender's account may make of it. */
  publish(connection: string, message: Publication): readonly Outcome[] {
    const sender = this.#connected.get(connection);
    if (sender === undefined) return [];
    const mappings = this.#tenant(sender.account)?.mappings ?? [];
    return possibleTargets(mappings, message.subject).map((subject) =>
      this.#published(sender, { ...message, subject }),
    );
  }

  /** This outcome it was, and these were the copies: from now on what follows from them holds. */
  settle(outcome: Outcome, delivered: readonly Delivery[]): void {
    for (const effect of outcome.effects) effect();
    for (const { connection, reply } of delivered) {
      const receiver = this.#connected.get(connection);
      const granted = receiver?.rights.responses;
      if (receiver === undefined || granted === undefined || reply === '') continue;
      const until = granted.expiresMs < 0 ? Number.POSITIVE_INFINITY : this.#now + granted.expiresMs;
      receiver.due.set(reply, { left: granted.max, until });
    }
  }

  #published(sender: Connected, message: Publication): Outcome {
    const { subject, reply } = message;
    const draft: Draft = { all: [], oneOf: [], effects: [] };
    const nobody: Outcome = { ...draft, noResponders: undefined };
    if (startsWithOne(subject, RESERVED_SUBJECTS)) return nobody;
    if (!mayPublish(sender.rights, subject)) {
      const due = sender.due.get(subject);
      if (due === undefined || due.left === 0 || due.until <= this.#now) return nobody;
      draft.effects.push(() => {
        due.left--;
      });
    }
    if (startsWithOne(reply, RESERVED_REPLIES)) return nobody;
    const received = this.#route(sender.account, message, { kind: 'start', through: [] }, draft);
    return { ...draft, noResponders: received === 0 && reply !== '' ? subject : undefined };
  }

  /** Delivers in one account and over the doors that lead on. Returns how many received it. */
  #route(account: string, message: Publication, passage: Passage, draft: Draft): number {
    const { kind } = passage;
    let received = this.#deliver(account, message, draft);
    if (kind === 'start' || kind === 'request') received += this.#ask(account, message, passage, draft);
    if (kind === 'start') received += this.#stream(account, message, draft);
    if (kind === 'start' || kind === 'answer') received += this.#answer(account, message, draft);
    return received;
  }

  #deliver(account: string, { subject, reply }: Publication, draft: Draft): number {
    const reached = this.#interests.filter(
      (each) =>
        this.#connected.get(each.connection)?.account === account &&
        matchesSubject(each.subject, subject) &&
        !isDenied(this.#rights(each.connection), subject, each.queue),
    );
    const copy = ({ connection, sid }: Interest): Delivery => ({ connection, sid, subject, reply });
    const queues = new Set(reached.flatMap(({ queue }) => queue ?? []));
    const plain = reached.filter(({ queue }) => queue === undefined);
    draft.all.push(...plain.map(copy));
    draft.oneOf.push(...[...queues].map((queue) => reached.filter((each) => each.queue === queue).map(copy)));
    return plain.length + queues.size;
  }

  /** Requests go out to the accounts whose services this one takes, never twice through one export. */
  #ask(account: string, message: Publication, { through }: Passage, draft: Draft): number {
    let received = 0;
    for (const taken of this.#tenant(account)?.imports ?? []) {
      if (taken.kind !== 'service') continue;
      const subject = toRemote(taken, message.subject);
      const offer = offerFor(this.#tenants, account, taken);
      if (subject === undefined || offer === undefined || through.includes(offer)) continue;
      const way = this.#wayBack(message.reply, taken.account, account, taken, offer);
      const asked = { ...message, subject, reply: way?.name ?? message.reply };
      const there = this.#route(
        taken.account,
        asked,
        { kind: 'request', through: [...through, offer] },
        draft,
      );
      if (there > 0 && way !== undefined) draft.effects.push(() => this.#ways.push(way));
      received += there;
    }
    return received;
  }

  /** What is published in an account goes to those who import it, under the name that it has there. */
  #stream(account: string, message: Publication, draft: Draft): number {
    let received = 0;
    for (const { name, imports = [] } of this.#tenants) {
      for (const taken of imports) {
        if (taken.kind !== 'stream' || taken.account !== account) continue;
        const subject = toLocal(taken, message.subject);
        if (subject === undefined || offerFor(this.#tenants, name, taken) === undefined) continue;
        received += this.#route(name, { ...message, subject }, { kind: 'stream', through: [] }, draft);
      }
    }
    return received;
  }

  /** An answer goes back to who asked. The first of a singleton ends it, an empty one ends the others. */
  #answer(account: string, message: Publication, draft: Draft): number {
    const way = this.#ways.find((each) => each.account === account && each.name === message.subject);
    if (way === undefined || way.until <= this.#now) return 0;
    const { offer, taken, back, original } = way;
    const next = this.#wayBack(message.reply, back, account, taken, offer);
    const reply = next?.name ?? message.reply;
    const there = this.#route(
      back,
      { ...message, subject: original, reply },
      { kind: 'answer', through: [] },
      draft,
    );
    if (there > 0 && next !== undefined) draft.effects.push(() => this.#ways.push(next));
    const isLast = offer.responseType === 'singleton' || message.isEmpty || there === 0;
    draft.effects.push(() => {
      if (isLast) this.#ways = this.#ways.filter((each) => each !== way);
      else way.until = this.#now + offer.thresholdMs;
    });
    return there;
  }

  #wayBack(original: string, account: string, back: string, taken: Taking, offer: Offer): Way | undefined {
    if (original === '') return undefined;
    const name = `_R_.~${++this.#waysOpened}.~${this.#waysOpened}`;
    return { name, account, back, original, taken, offer, until: this.#now + offer.thresholdMs };
  }

  /** Whether the door that a way back came through is still there, import and export. */
  #stands({ taken, offer, account, back }: Way): boolean {
    const importer = taken.account === account ? back : account;
    const imports = this.#tenant(importer)?.imports ?? [];
    return imports.some((each) => same(each, taken)) && same(offerFor(this.#tenants, importer, taken), offer);
  }

  #tenant(account: string): Tenant | undefined {
    return this.#tenants.find(({ name }) => name === account);
  }

  #rights(connection: string): Rights {
    return this.#connected.get(connection)?.rights ?? {};
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
