import { ERRORS, type ProtocolError, type Violation } from '../protocol/index.ts';

/** Why a connection ended, in the words of nats-server's closed connections. */
export type CloseReason =
  | 'Client Closed'
  | 'Authentication Timeout'
  | 'Authentication Failure'
  | 'TLS Handshake Failure'
  | 'Read Error'
  | 'Slow Consumer (Pending Bytes)'
  | 'Slow Consumer (Write Deadline)'
  | 'Parse Error'
  | 'Stale Connection'
  | 'Protocol Violation'
  | 'Bad Client Protocol Version'
  | 'Maximum Connections Exceeded'
  | 'Maximum Account Connections Exceeded'
  | 'Maximum Message Payload Exceeded'
  | 'Maximum Control Line Exceeded'
  | 'Message Header Violation'
  | 'No Responders Requires Headers'
  | 'Maximum Subscriptions Exceeded'
  | 'Credentials Revoked'
  | 'Kicked'
  | 'Server Shutdown'
  | 'Internal Error';

/** What a broken stream of bytes is answered with, if at all, and how its connection's end is called. */
export const VIOLATIONS: Readonly<Record<Violation, { error?: ProtocolError; reason: CloseReason }>> = {
  'unknown-operation': { error: ERRORS.unknownOperation, reason: 'Parse Error' },
  malformed: { reason: 'Parse Error' },
  'control-line': { error: ERRORS.maximumControlLine, reason: 'Maximum Control Line Exceeded' },
  payload: { error: ERRORS.maximumPayload, reason: 'Maximum Message Payload Exceeded' },
  headers: { reason: 'Message Header Violation' },
  'not-authorized': { error: ERRORS.authorizationViolation, reason: 'Authentication Failure' },
};
