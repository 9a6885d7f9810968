import type { Action, Scenario } from './actions.ts';
import { labelOf, userOf } from './actions.ts';
import type { Session } from './target.ts';
import { type Frame, openClient, type WireClient } from './wire-client.ts';
import { accountOf, markOf, passwordOf } from './world.ts';

const MARK = '{{mark}}';
const INBOX_SID = 'inbox';

/** One connection of the scenario, over all its lives: it is opened when needed, and again after it was closed. */
export class Actor {
  readonly label: string;
  readonly account: string;
  readonly user: string;
  /** What arrived in earlier lives. */
  readonly #past: Frame[] = [];
  #client: WireClient | undefined;
  /** Queue of each subscription, by sid. */
  readonly queues = new Map<string, string>();
  #subscriptions = 0;
  #requests = 0;
  #messages = 0;

  constructor(scenario: Scenario, by: number) {
    this.label = labelOf(scenario, by);
    this.user = userOf(scenario, by);
    this.account = accountOf(scenario.world, this.user);
  }

  get frames(): readonly Frame[] {
    return [...this.#past, ...(this.#client?.frames ?? [])];
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
    client.subscribe(`_INBOX.${this.label}.*`, undefined, INBOX_SID);
    this.#client = client;
    return client;
  }

  leave(): void {
    if (this.#client === undefined) return;
    this.#client.close();
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

  /** The reply subject of the newest message that has one. */
  newestReply(): string | undefined {
    const frame = this.frames.findLast((each) => each.op === 'MSG' && each.reply !== '');
    return frame?.op === 'MSG' ? frame.reply : undefined;
  }
}

/** Performs one action, and returns when the server has read it and answered what it answers at once. */
export async function perform(
  session: Session,
  actor: Actor,
  action: Exclude<Action, { kind: 'advance' }>,
): Promise<void> {
  if (action.kind === 'close') return actor.leave();
  if (action.kind === 'raw') return performRaw(session, actor, action.bytes);
  const client = await actor.ready(session);
  const inbox = write(client, actor, action);
  await client.ping();
  if (inbox !== undefined && session.patienceMs > 0) await client.arrival(inbox, session.patienceMs);
}

type Written = Exclude<Action, { kind: 'advance' | 'close' | 'raw' }>;

/** Writes an action's bytes. Returns the inbox when an answer may come. */
function write(client: WireClient, actor: Actor, action: Written): string | undefined {
  switch (action.kind) {
    case 'sub': {
      const sid = actor.nextSid();
      if (action.queue !== undefined) actor.queues.set(sid, action.queue);
      client.subscribe(action.subject, action.queue, sid);
      return undefined;
    }
    case 'unsub':
      client.unsubscribe(actor.sidBack(action.nth), action.max);
      return undefined;
    case 'pub':
      client.publish(action.subject, action.reply, action.headers, actor.fill(action.body));
      return undefined;
    case 'request': {
      const inbox = actor.nextInbox();
      client.publish(action.subject, inbox, action.headers, actor.fill(action.body));
      return inbox;
    }
    case 'answer': {
      const reply = actor.newestReply();
      if (reply !== undefined) client.publish(reply, undefined, [], actor.fill(action.body));
      return undefined;
    }
  }
}

async function performRaw(session: Session, actor: Actor, bytes: string): Promise<void> {
  const client = await openClient(await session.socket(), actor.user, passwordOf(actor.user), actor.label);
  client.write(bytes);
  await session.settle();
  client.close();
  actor.remember(client.frames);
}
