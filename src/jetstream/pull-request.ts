/** A decoded MSG.NEXT request. Durations are nanoseconds as on the wire; absent means not asked for. */
export interface PullRequest {
  /** Messages wanted; 0 or less counts as 1. */
  readonly batch?: number;
  readonly expires?: number;
  readonly max_bytes?: number;
  readonly no_wait?: boolean;
  readonly idle_heartbeat?: number;
  readonly group?: string;
  readonly min_pending?: number;
  readonly min_ack_pending?: number;
  readonly id?: string;
  readonly priority?: number;
}

/** How Go calls the type of each field in its complaint. */
const FIELD_TYPES: ReadonlyMap<string, { readonly js: string; readonly go: string }> = new Map([
  ['expires', { js: 'number', go: 'time.Duration' }],
  ['batch', { js: 'number', go: 'int' }],
  ['max_bytes', { js: 'number', go: 'int' }],
  ['no_wait', { js: 'boolean', go: 'bool' }],
  ['idle_heartbeat', { js: 'number', go: 'time.Duration' }],
  ['group', { js: 'string', go: 'string' }],
  ['min_pending', { js: 'number', go: 'int64' }],
  ['min_ack_pending', { js: 'number', go: 'int64' }],
  ['id', { js: 'string', go: 'string' }],
  ['priority', { js: 'number', go: 'int' }],
]);

const ONE: PullRequest = { batch: 1 };

/**
 * Reads the body of MSG.NEXT, or the argument of `+NXT`: JSON when it starts with `{`, otherwise a number of messages;
 * anything else counts as 1 (measured on 2.14.5: `abc` gets one message).
 * @returns the request, or the text of the complaint behind `400 Bad Request - `.
 */
export function decodePullRequest(body: string): PullRequest | string {
  const text = body.trim();
  if (!text.startsWith('{')) {
    const batch = Number(text);
    return text !== '' && Number.isSafeInteger(batch) ? { batch } : ONE;
  }
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return jsonComplaint(text, error);
  }
  return checkFields(parsed) ?? (parsed as PullRequest);
}

function checkFields(parsed: Record<string, unknown>): string | undefined {
  for (const [field, type] of FIELD_TYPES) {
    if (!Object.hasOwn(parsed, field)) continue;
    const value = parsed[field];
    if (value === null) delete parsed[field];
    else if (typeof value !== type.js) return typeComplaint(jsonKind(value), field, type.go);
    else if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      return typeComplaint(`number ${value}`, field, type.go);
    }
  }
  return undefined;
}

function typeComplaint(kind: string, field: string, go: string): string {
  return `json: cannot unmarshal ${kind} into Go struct field JSApiConsumerGetNextRequest.${field} of type ${go}`;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Says in Go's words where the JSON is broken, as near as the position tells. */
function jsonComplaint(text: string, error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '');
  const at = position === null ? text.length : Number(position[1]);
  const character = text.charAt(at);
  if (character === '') return 'unexpected end of JSON input';
  const expected = text.slice(0, at).trimEnd().endsWith('{') ? 'object key string' : 'value';
  return `invalid character '${character}' looking for beginning of ${expected}`;
}
