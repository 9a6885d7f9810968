import type { Static, TObject } from 'typebox';
import type { JsErrorName } from '../jetstream/index.ts';
import { type StructShape, shapeLater } from './go-shape.ts';

/**
 * What an endpoint expects as its payload. Made by one of the functions below; `Body` is what the handler gets.
 * - `none`: nobody looks at the payload, or the handler reads the raw message itself.
 * - `empty`: anything but nothing or `{}` is refused (10038).
 * - `json`: decoded; `absent` says what a payload without content means.
 */
export type RequestRule<Body> =
  | { readonly kind: 'none'; readonly body?: Body }
  | { readonly kind: 'empty'; readonly body?: Body }
  | JsonRule<Body>;

export interface JsonRule<Body> {
  readonly kind: 'json';
  readonly schema: TObject;
  readonly shape: () => StructShape;
  /**
   * What a payload without content means. An error's name: that error. `decoded`: read like any other. `none`: no
   * options. `not-an-object`: no options, and neither has anything that does not open with `{` or `[`.
   */
  readonly absent: JsErrorName | 'decoded' | 'none' | 'not-an-object';
  /** Read by the plain reader of the real server: one value, unknown fields ignored whatever the configuration says. */
  readonly plain: boolean;
  readonly body?: Body;
}

/** Nobody looks at the payload. */
export function payloadIgnored(): RequestRule<undefined> {
  return { kind: 'none' };
}

/** The handler reads the message itself. */
export function payloadRaw(): RequestRule<undefined> {
  return { kind: 'none' };
}

/** Only an empty payload is allowed. */
export function payloadEmpty(): RequestRule<undefined> {
  return { kind: 'empty' };
}

/** JSON; nothing at all, or `{}`, is a bad request (10003). */
export function jsonRequired<T extends TObject>(schema: T, goName: string): RequestRule<Static<T>> {
  return jsonRule(schema, goName, 'JSBadRequestErr', false);
}

/** JSON; nothing at all is the same as `{}`. */
export function jsonDecoded<T extends TObject>(schema: T, goName: string): RequestRule<Static<T>> {
  return jsonRule(schema, goName, 'decoded', false);
}

/** Options: what does not open with `{` or `[` means none (measured on 2.14.5: `x`, `null`, `5`). */
export function jsonOptions<T extends TObject>(schema: T, goName: string): RequestRule<Static<T>> {
  return jsonRule(schema, goName, 'not-an-object', false);
}

/** JSON read by the plain reader; nothing at all is a syntax error there. */
export function jsonPlain<T extends TObject>(schema: T, goName: string): RequestRule<Static<T>> {
  return jsonRule(schema, goName, 'decoded', true);
}

/** Options read by the plain reader; nothing at all means none. */
export function jsonPlainOptions<T extends TObject>(schema: T, goName: string): RequestRule<Static<T>> {
  return jsonRule(schema, goName, 'none', true);
}

/** The shape of a request is worked out when the first one comes: most programs use a few endpoints. */
function jsonRule<T extends TObject>(
  schema: T,
  goName: string,
  absent: JsonRule<unknown>['absent'],
  plain: boolean,
): JsonRule<Static<T>> {
  return { kind: 'json', schema, shape: shapeLater(schema, goName), absent, plain };
}
