import type { Withdrawal } from './live.ts';
import { accountOf, type World } from './world.ts';

/** A header line. */
export type Field = readonly [key: string, value: string];

/**
 * What a user of the world can do. `by` counts the scenario's connections. Bodies may hold `{{mark}}`, which stands
 * for the mark of the acting account.
 */
export type UserAction =
  | { readonly kind: 'sub'; readonly by: number; readonly subject: string; readonly queue?: string }
  /** `nth` counts back from the newest subscription of the connection. */
  | { readonly kind: 'unsub'; readonly by: number; readonly nth: number; readonly max?: number }
  | (Message & { readonly kind: 'pub'; readonly reply?: string })
  /** A message with the connection's own inbox as reply; this is also how the JetStream API is called. */
  | (Message & { readonly kind: 'request' })
  /**
   * Publishes to the reply subject of the newest message the connection got: an answer, or an acknowledgement.
   * `asks`: with the own inbox as reply.
   */
  | { readonly kind: 'answer'; readonly by: number; readonly body: string; readonly asks?: boolean }
  /**
   * Publishes to a reply subject that connection `of` got, `nth` back from its newest. `guess`: to one that is nearly
   * the same.
   */
  | {
      readonly kind: 'replay';
      readonly by: number;
      readonly of: number;
      readonly nth: number;
      readonly guess?: boolean;
      readonly body: string;
    }
  /** Bytes on a connection of their own, logged in as the same user, which is closed afterwards. */
  | { readonly kind: 'raw'; readonly by: number; readonly bytes: string }
  /** Closes the connection; the next action opens it again. */
  | { readonly kind: 'close'; readonly by: number };

export type Action =
  | UserAction
  /** Time passes for everybody. Servers whose clock cannot be moved ignore it. */
  | { readonly kind: 'advance'; readonly ms: number }
  /** The configuration is replaced while everybody is connected. Servers that cannot do that ignore it. */
  | (Withdrawal & { readonly kind: 'reload'; readonly race?: Race });

/** Messages whose bytes arrive around a reload, without waiting for it. */
export interface Race {
  readonly by: number;
  readonly subjects: readonly string[];
}

interface Message {
  readonly by: number;
  readonly subject: string;
  readonly headers: readonly Field[];
  readonly body: string;
}

/** A world and what happens in it. */
export interface Scenario {
  readonly world: World;
  /** The user of each connection. */
  readonly connections: readonly string[];
  /** The account whose presence must make no difference to those no path leads to. */
  readonly outsider: string;
  readonly actions: readonly Action[];
}

/** The name of a connection, in inboxes and reports: the user and the connection's number. */
export function labelOf(scenario: Pick<Scenario, 'connections'>, by: number): string {
  return `${userOf(scenario, by)}-${by}`;
}

export function userOf(scenario: Pick<Scenario, 'connections'>, by: number): string {
  const user = scenario.connections[by];
  if (user === undefined) throw new RangeError(`no connection ${by} in this scenario`);
  return user;
}

/** Whether a user does it, and not the world itself. */
export function isUserAction(action: Action): action is UserAction {
  return action.kind !== 'advance' && action.kind !== 'reload';
}

/** Whose action it is; `undefined` for the passing of time and for a change of the configuration. */
export function actorOf(scenario: Scenario, action: Action): string | undefined {
  return isUserAction(action) ? accountOf(scenario.world, userOf(scenario, action.by)) : undefined;
}
