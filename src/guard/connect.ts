import type { ControlSwitches } from './controls.ts';
import type { Trace } from './decision.ts';
import { decided, looked } from './trace.ts';
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
  /** The user was found, and its account is not there: taken away while the login was on its way. */
  readonly accountIsGone?: boolean;
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
export function decideConnect(facts: ConnectFacts, controls: ControlSwitches, trace?: Trace): Verdict {
  if (facts.found === 'wrong') {
    trace?.note(decided('the credentials are not those of any user'));
    return refuse('connect-bad-credentials');
  }
  if (facts.found === 'none') {
    trace?.note(decided('no credentials were given, and there is no user for that'));
    return refuse('connect-no-credentials');
  }
  if (facts.accountIsGone === true) {
    trace?.note(decided('the account of the user is not there any more'));
    return refuse('connect-account-gone');
  }
  if (facts.namesAccount && controls['connect-account-from-client']) {
    trace?.note(decided('CONNECT names an account'));
    return refuse('connect-account-named');
  }
  if (!isTypeAllowed(facts, controls, trace)) return refuse('connect-type-not-allowed');
  if (!hasRoom(facts, trace)) return refuse('connect-account-full');
  if (facts.namesAccount) {
    trace?.note(decided('CONNECT names an account, and the control that refuses it is off'));
    return allow('connect-control-off');
  }
  return allowedBy(facts.found, trace);
}

function allowedBy(found: 'open' | 'credentials' | 'guest', trace: Trace | undefined): Verdict {
  if (found === 'open') {
    trace?.note(decided('no users are configured'));
    return allow('connect-open');
  }
  if (found === 'guest') {
    trace?.note(decided('no credentials were given, and there is a user for that'));
    return allow('connect-guest');
  }
  trace?.note(decided('the credentials are those of the user'));
  return allow('connect-credentials');
}

function isTypeAllowed(facts: ConnectFacts, controls: ControlSwitches, trace: Trace | undefined): boolean {
  const { allowedTypes, connectionType, found } = facts;
  if (allowedTypes === undefined) return true;
  if (found === 'guest' && !controls['connect-guest-restrictions']) return true;
  const allowed = allowedTypes.includes(connectionType);
  if (allowed) trace?.note(looked(`connections of kind ${connectionType} are allowed`));
  else trace?.note(decided(`kind ${connectionType} is not among those allowed: ${allowedTypes.join(', ')}`));
  return allowed;
}

function hasRoom({ connections, maxConnections }: ConnectFacts, trace: Trace | undefined): boolean {
  if (maxConnections < 0) return true;
  const room = connections < maxConnections;
  if (room) trace?.note(looked(`the account holds ${connections} of at most ${maxConnections} connections`));
  else trace?.note(decided(`the account holds all of its ${maxConnections} connections`));
  return room;
}
