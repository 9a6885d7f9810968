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
} as const satisfies Record<string, Control>;

export type ControlId = keyof typeof CONTROLS;

/** Whether a text from outside names a control. */
export function isControlId(id: string): id is ControlId {
  return Object.hasOwn(CONTROLS, id);
}
