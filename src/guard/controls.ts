/**
 * Controls: the security decisions that history got wrong. Each is on; only the lab turns one off, to show what the
 * missing check did. A control that is off makes the guard allow what it should refuse; nothing else changes.
 */
export interface Control {
  readonly id: string;
  /** The advisory that taught it. */
  readonly advisory: string;
  /** What holds while the control is on. */
  readonly promise: string;
  /** What the historical server did instead. */
  readonly fault: string;
}

const SEED = 'CVE-2025-30215';

export const CONTROLS = {
  'api-scope-account-purge': {
    id: 'api-scope-account-purge',
    advisory: SEED,
    promise: 'Only the system account may purge the streams of a whole account.',
    fault: 'The handler of $JS.API.ACCOUNT.PURGE.* never asked who was calling.',
  },
  'api-scope-server-remove': {
    id: 'api-scope-server-remove',
    advisory: SEED,
    promise: 'Only the system account may remove a server from the JetStream group.',
    fault: 'The handler of $JS.API.SERVER.REMOVE never asked who was calling.',
  },
  'api-scope-stream-move': {
    id: 'api-scope-stream-move',
    advisory: SEED,
    promise: 'A stream is moved by the account that owns it or by the system account.',
    fault:
      'The handler of $JS.API.ACCOUNT.STREAM.MOVE.*.* never compared the caller with the account in the subject.',
  },
  'api-scope-stream-cancel-move': {
    id: 'api-scope-stream-cancel-move',
    advisory: SEED,
    promise: 'The move of a stream is cancelled by the account that owns it or by the system account.',
    fault:
      'The handler of $JS.API.ACCOUNT.STREAM.CANCEL_MOVE.*.* never compared the caller with the account in the subject.',
  },
  'subscribe-plain-deny-first': {
    id: 'subscribe-plain-deny-first',
    advisory: 'GHSA-jx8g-9g95-6322',
    promise: 'Any deny entry that matches refuses a subscription, whatever other entries say of its queue.',
    fault: 'When some deny entry named a queue, the entries without one no longer spoke of queue members.',
  },
  'deliver-deny-overlap': {
    id: 'deliver-deny-overlap',
    advisory: 'GHSA-wh7g-5m82-pmhr',
    promise: 'A denied subject is not delivered to a wildcard subscription that reaches it in any way.',
    fault:
      'Deliveries were judged only where a deny entry lay inside the subscription, not where it overlapped.',
  },
  'deliver-deny-queue-wildcard': {
    id: 'deliver-deny-queue-wildcard',
    advisory: 'CVE-2022-29946',
    promise: 'A denied subject is not delivered to a wildcard subscription of a queue member either.',
    fault: 'Only subscriptions outside of queue groups had their deliveries judged.',
  },
  'connect-guest-restrictions': {
    id: 'connect-guest-restrictions',
    advisory: 'GHSA-hmmp-q8cx-v964',
    promise: 'What a user is restricted to binds whoever becomes that user without credentials too.',
    fault: 'The short way in for the no_auth_user did not ask for the kind of the connection.',
  },
  'connect-account-from-client': {
    id: 'connect-account-from-client',
    advisory: 'CVE-2022-24450',
    promise: 'The account of a connection follows from its credentials alone.',
    fault: 'CONNECT could name an account, and the connection was moved there after the login.',
  },
} as const satisfies Record<string, Control>;

export type ControlId = keyof typeof CONTROLS;

/** Which controls are on: made once, so that a decision asks by reading a field. */
export type ControlSwitches = Readonly<Record<ControlId, boolean>>;

/** All controls on but these. */
export function controlSwitches(off: readonly ControlId[]): ControlSwitches {
  const ids = Object.keys(CONTROLS).filter(isControlId);
  return Object.fromEntries(ids.map((id) => [id, !off.includes(id)])) as Record<ControlId, boolean>;
}

/** Whether a text from outside names a control. */
export function isControlId(id: string): id is ControlId {
  return Object.hasOwn(CONTROLS, id);
}
