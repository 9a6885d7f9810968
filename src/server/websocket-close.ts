import type { CloseReason } from './close-reasons.ts';

const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;
const POLICY = 1008;
const TOO_BIG = 1009;
const NORMAL = 1000;

/** Codes of the close frame where it is not the one for a broken rule (measured on 2.14.5). */
const CODES: Readonly<Partial<Record<CloseReason, number>>> = {
  'Client Closed': NORMAL,
  'Parse Error': PROTOCOL_ERROR,
  'Protocol Violation': PROTOCOL_ERROR,
  'Bad Client Protocol Version': PROTOCOL_ERROR,
  'Maximum Message Payload Exceeded': TOO_BIG,
  'Server Shutdown': GOING_AWAY,
  'Internal Error': 1011,
};

/** The code of the close frame that a connection ends with. */
export function closeCode(reason: CloseReason): number {
  return CODES[reason] ?? POLICY;
}
