import type { Trace } from './decision.ts';
import { allow, refuse, type Verdict } from './verdict.ts';

/** What authentication found out about one attempt to connect. */
export interface ConnectFacts {
  /**
   * `open`: no users are configured; `credentials`: they were right; `wrong`: they were not; `guest`: none were given
   * and there is a no_auth_user; `none`: none were given and there is no such user.
   */
  readonly found: 'open' | 'credentials' | 'wrong' | 'guest' | 'none';
  /** Whether CONNECT named an account of its own choice. */
  readonly namesAccount: boolean;
  /** The kind of this connection, upper case (STANDARD, IN_PROCESS, …). */
  readonly connectionType: string;
  /** The kinds this user is limited to; absent: every kind. */
  readonly allowedTypes?: readonly string[];
  /** Connections the account holds, this one not counted. */
  readonly connections: number;
  /** How many it may hold; -1 is unlimited. */
  readonly maxConnections: number;
}

/** Decides whether a connection may enter the account that authentication found for it. One way in, for every kind. */
export function decideConnect(facts: ConnectFacts, _trace?: Trace): Verdict {
  if (facts.found === 'wrong') return refuse('connect-bad-credentials');
  if (facts.found === 'none') return refuse('connect-no-credentials');
  if (facts.namesAccount) return refuse('connect-account-named');
  if (facts.allowedTypes !== undefined && !facts.allowedTypes.includes(facts.connectionType)) {
    return refuse('connect-type-not-allowed');
  }
  if (facts.maxConnections >= 0 && facts.connections >= facts.maxConnections)
    return refuse('connect-account-full');
  if (facts.found === 'open') return allow('connect-open');
  return allow(facts.found === 'guest' ? 'connect-guest' : 'connect-credentials');
}
