import { JsError, jsError } from '../jetstream/index.ts';
import { JsonError } from './decode.ts';
import { encodeJson } from './encode.ts';
import type { ResponseBody } from './endpoint.ts';

const TYPE_PREFIX = 'io.nats.jetstream.api.v1.';

/** The type of a reply to a request that no endpoint serves for its caller. */
export const SYSTEM_RESPONSE = 'system_response';

/** The text of a reply: its type, then the body's fields in their order. */
export function responseText(type: string, body: ResponseBody): string {
  return encodeJson({ type: TYPE_PREFIX + type, ...body });
}

/** The text of an error reply; `fields` are those the server writes even then. */
export function errorText(type: string, error: JsError, fields: ResponseBody = {}): string {
  const { code, errCode, description } = error;
  return responseText(type, { error: { code, err_code: errCode, description }, ...fields });
}

/**
 * What an exception means for the request that caused it. Anything that is not an error of the API or of its JSON is
 * a bug of ours: the caller learns only that there was one.
 */
export function apiErrorOf(thrown: unknown): { readonly error: JsError; readonly isBug: boolean } {
  if (thrown instanceof JsError) return { error: thrown, isBug: false };
  if (thrown instanceof JsonError)
    return { error: jsError('JSInvalidJSONErr', { err: thrown.message }), isBug: false };
  return { error: jsError('JSStreamGeneralErrorF', { err: 'internal error' }), isBug: true };
}
