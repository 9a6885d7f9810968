import { influence } from '../model/index.ts';
import type { Action, Scenario, UserAction } from './actions.ts';
import { labelOf, userOf } from './actions.ts';
import { Journal } from './journal.ts';
import { worldWithout } from './live.ts';
import type { Session } from './target.ts';
import { type Frame, openClient, type WireClient } from './wire-client.ts';
import { accountOf, markOf, passwordOf } from './world.ts';

const MARK = '{{mark}}';
const INBOX_SID = 'inbox';

/** Everybody and everything of one run. */
export class Stage {
  readonly scenario: Scenario;
  readonly session: Session;
  readonly actors: readonly Actor[];
  readonly journal = new Journal();
  /** The accounts that the outsider may influence, itself among them. */
  readonly #besideOutsider: ReadonlySet<string>;

  constructor(scenario: Scenario, session: Session) {
    this.scenario = scenario;
    this.session = session;
    this.actors = scenario.connections.map((_, by) => new Actor(scenario, by, this.journal));
    this.#besideOutsider = influence(scenario.world.accounts).get(scenario.outsider) ?? new Set();
  }

  /**
   * Whether `by` may use what `of` was told. Everybody but those who hear of the outsider anyhow has to act the same
   * with the outsider and without it, so nobody else learns from them.
   */
  mayLearn(by: Actor, of: Actor): boolean {
    return this.#besideOutsider.has(by.account) || !this.#besideOutsider.has(of.account);
  }
}

/** One connection of the scenario, over all its lives: it is opened when needed, and again after it was closed. */
export class Actor {
  readonly label: string;
  readonly account: string;
  readonly user: string;
  readonly journal: Journal;
  /** What arrived in earlier lives. */
  readonly #past: Frame[] = [];
  #client: WireClient | undefined;
  /** Queue of each subscription, by sid. */
  readonly queues = new Map<string, string>();
  #subscriptions = 0;
  #requests = 0;
  #messages = 0;

  constructor(scenario: Scenario, by: number, journal: Journal) {
    this.label = labelOf(scenario, by);
    this.user = userOf(scenario, by);
    this.account = accountOf(scenario.world, this.user);
    this.journal = journal;
  }

  get frames(): readonly Frame[] {
    return [...this.#past, ...(this.#client?.frames ?? [])];
  }

  /** How many frames there are. */
  get seen(): number {
    return this.#past.length + (this.#client?.frames.length ?? 0);
  }

  /** The open client, if there is one. */
  get client(): WireClient | undefined {
    return this.#client?.isClosed ? undefined : this.#client;
  }

  /** The client, opened if need be, with a subscription to its own inbox. */
  async ready(session: Session): Promise<WireClient> {
    const open = this.client;
    if (open !== undefined) return open;
    this.leave();
    const client = await openClient(await session.socket(), this.user, passwordOf(this.user), this.label);
    const subject = `_INBOX.${this.label}.*`;
    client.subscribe(subject, undefined, INBOX_SID);
    this.journal.note({ kind: 'open', label: this.label, user: this.user });
    this.journal.note({ kind: 'sub', label: this.label, sid: INBOX_SID, subject, queue: undefined });
    this.#client = client;
    return client;
  }

  leave(): void {
    if (this.#client === undefined) return;
    this.#client.close();
    this.journal.note({ kind: 'close', label: this.label });
    this.#past.push(...this.#client.frames);
    this.#client = undefined;
  }

  /** Adds what a connection of the side saw. */
  remember(frames: readonly Frame[]): void {
    this.#past.push(...frames);
  }

  nextSid(): string {
    return String(++this.#subscriptions);
  }

  /** The sid that counts `nth` back from the newest; there may be none by that name. */
  sidBack(nth: number): string {
    return String(this.#subscriptions - nth);
  }

  nextInbox(): string {
    return `_INBOX.${this.label}.${this.#requests++}`;
  }

  /** A body with the account's mark in place, and a number that no other message of the run has. */
  fill(body: string): string {
    if (!body.includes(MARK)) return body;
    const mark = `${markOf(this.account)}/${this.label}/${++this.#messages}`;
    return body.replaceAll(MARK, mark);
  }

  /** The reply subject `nth` back from the newest message that has one. */
  replyBack(nth: number): string | undefined {
    let left = nth;
    const frames = this.frames;
    for (let i = frames.length - 1; i >= 0; i--) {
      const frame = frames[i];
      if (frame?.op === 'MSG' && frame.reply !== '' && left-- === 0) return frame.reply;
    }
    return undefined;
  }

  /** Publishes, and notes it. */
  send(client: WireClient, subject: string, reply: string | undefined, message: Sent): void {
    const body = this.fill(message.body);
    const headers = message.headers ?? [];
    client.publish(subject, reply, headers, body);
    this.journal.note({
      kind: 'pub',
      label: this.label,
      subject,
      reply: reply ?? '',
      body,
      hasHeader: headers.length > 0,
      asks: message.asks ?? false,
    });
  }
}

interface Sent {
  readonly body: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly asks?: boolean;
}

/** Performs one action, and returns when the server has read it and answered what it answers at once. */
export async function perform(stage: Stage, action: Action): Promise<void> {
  if (action.kind === 'advance') {
    await stage.session.advance(action.ms);
    stage.journal.note(action);
    return;
  }
  if (action.kind === 'reload') return performReload(stage, action);
  const actor = stage.actors[action.by];
  if (actor === undefined) return;
  if (action.kind === 'close') {
    // What is on its way over the wire counts as seen.
    if (stage.session.patienceMs > 0) await actor.client?.ping();
    return actor.leave();
  }
  if (action.kind === 'raw') return performRaw(stage.session, actor, action.bytes);
  const client = await actor.ready(stage.session);
  const inbox = write(stage, client, actor, action);
  await client.ping();
  if (inbox !== undefined && stage.session.patienceMs > 0)
    await client.arrival(inbox, stage.session.patienceMs);
}

type Written = Exclude<UserAction, { kind: 'close' | 'raw' }>;

/** Writes an action's bytes. Returns the inbox when an answer may come. */
function write(stage: Stage, client: WireClient, actor: Actor, action: Written): string | undefined {
  switch (action.kind) {
    case 'sub': {
      const { subject, queue } = action;
      const sid = actor.nextSid();
      if (queue !== undefined) actor.queues.set(sid, queue);
      client.subscribe(subject, queue, sid);
      actor.journal.note({ kind: 'sub', label: actor.label, sid, subject, queue });
      return undefined;
    }
    case 'unsub': {
      const sid = actor.sidBack(action.nth);
      client.unsubscribe(sid, action.max);
      if (action.max === undefined) actor.journal.note({ kind: 'unsub', label: actor.label, sid });
      return undefined;
    }
    case 'pub':
      actor.send(client, action.subject, action.reply, action);
      return undefined;
    case 'request': {
      const inbox = actor.nextInbox();
      actor.send(client, action.subject, inbox, { ...action, asks: true });
      return inbox;
    }
    case 'answer':
      return writeAnswer(client, actor, action);
    case 'replay':
      writeReplay(stage, client, actor, action);
      return undefined;
  }
}

function writeAnswer(
  client: WireClient,
  actor: Actor,
  { body, asks = false }: Extract<Action, { kind: 'answer' }>,
): string | undefined {
  const reply = actor.replyBack(0);
  if (reply === undefined) return undefined;
  const inbox = asks ? actor.nextInbox() : undefined;
  actor.send(client, reply, inbox, { body, asks });
  return inbox;
}

function writeReplay(
  stage: Stage,
  client: WireClient,
  actor: Actor,
  { of, nth, guess = false, body }: Extract<Action, { kind: 'replay' }>,
): void {
  const victim = stage.actors[of];
  if (victim === undefined || !stage.mayLearn(actor, victim)) return;
  const reply = victim.replyBack(nth);
  if (reply !== undefined) actor.send(client, guess ? nearly(reply) : reply, undefined, { body });
}

/** Another subject that only the last character tells apart. */
function nearly(subject: string): string {
  return `${subject.slice(0, -1)}${subject.endsWith('a') ? 'b' : 'a'}`;
}

async function performReload(
  { session, scenario, actors, journal }: Stage,
  { race, ...withdrawal }: Extract<Action, { kind: 'reload' }>,
): Promise<void> {
  if (session.reload === undefined) return;
  const world = worldWithout(scenario.world, withdrawal);
  const racer = race === undefined ? undefined : actors[race.by];
  const client = await racer?.ready(session);
  const subjects = race?.subjects ?? [];
  const burst = (some: readonly string[]): void => {
    for (const subject of some)
      if (client !== undefined) racer?.send(client, subject, racer.nextInbox(), { body: MARK });
  };
  const half = Math.ceil(subjects.length / 2);
  burst(subjects.slice(0, half));
  const done = session.reload(world);
  burst(subjects.slice(half));
  await done;
  journal.note({ kind: 'reload', world });
  await client?.ping();
}

async function performRaw(session: Session, actor: Actor, bytes: string): Promise<void> {
  const client = await openClient(await session.socket(), actor.user, passwordOf(actor.user), actor.label);
  client.write(bytes);
  await session.settle();
  client.close();
  actor.remember(client.frames);
}
