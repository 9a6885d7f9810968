/**
 * The client protocol of NATS: bytes to operations and back. It knows the grammar and its bounds, and nothing of
 * accounts, permissions or sockets.
 */
export { Chunk, encodedBound, encodeMessage, errorLine, OK_LINE, PING_LINE, PONG_LINE } from './encoder.ts';
export {
  ERRORS,
  type ProtocolError,
  publishViolation,
  replyViolation,
  subscriptionLost,
  subscriptionViolation,
  tooManyTokens,
} from './errors.ts';
export {
  type ConnectOptions,
  DEFAULT_CONNECT,
  infoLine,
  parseConnect,
  redactConnect,
  type ServerInfo,
} from './handshake.ts';
export {
  type Arguments,
  type OperationHandler,
  type ParserLimits,
  ProtocolParser,
  type Violation,
} from './parser.ts';
