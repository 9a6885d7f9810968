/**
 * What every part of the server uses: the internal message, header blocks, time and chance as interfaces, and every
 * bound in one file. Imports `subjects` only.
 */
export { ByteWriter } from './byte-writer.ts';
export type { Closable } from './closable.ts';
export { copyBytes, LastView, type Viewed, viewOf } from './copy.ts';
export type { Clock, Instant, Random, Scheduler, Timer } from './effects.ts';
export {
  findHeader,
  type HeaderSpan,
  headerValue,
  statusHeader,
  withHeader,
  withoutHeader,
} from './headers.ts';
export { encodeJson, encodeString, integerText } from './json.ts';
export {
  checkValue,
  JsonEnd,
  JsonError,
  kindAt,
  numberEnd,
  quoteChar,
  quoteGo,
  skipSpace,
  stringEnd,
} from './json-syntax.ts';
export * as limits from './limits.ts';
export { Message } from './message.ts';
export { decodePublicNkey, encodePublicNkey, type NkeyKind } from './nkey.ts';
export { type PatternToken, patternTokens, type TokensOf } from './pattern.ts';
export {
  formatDuration,
  formatInstant,
  formatTimeText,
  instantNanos,
  parseDuration,
  parseTime,
  ZERO_TIME,
} from './time.ts';
