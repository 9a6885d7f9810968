import type { ByteString } from './bytes.ts';
import { isValidSubject, tokensOf } from './subject.ts';
import { invalidDestination, invalidSubject } from './transform-error.ts';
import { bucketOf, HASH_START } from './transform-functions.ts';
import type { Part } from './transform-parts.ts';
import type { TransformSource } from './transform-source.ts';

/** Longest destination, in bytes, and most arguments of a function: no configuration needs more. */
const MAX_DESTINATION = 65_536;
const MAX_ARGUMENTS = 256;
const MAX_INT_32 = 2_147_483_647;
const MAX_INT_64 = 2n ** 63n - 1n;

const UNKNOWN = 'unknown function';
const BAD_ARGUMENT = 'function argument is invalid or in the wrong format';
const NOT_ENOUGH = 'not enough arguments passed to the function';
const TOO_MANY = 'too many arguments passed to the function';
const OUT_OF_RANGE = 'wildcard index out of range';

/** What stands in one token of a destination; `token` is how it was written, for messages. */
interface Call {
  readonly token: ByteString;
  readonly args: readonly string[];
  readonly source: TransformSource;
}

type Compile = (call: Call) => Part;

/** The functions. The first letter of each word may be written either way, nothing else (measured on 2.14.5). */
const FUNCTIONS: readonly (readonly [name: RegExp, compile: Compile])[] = [
  [/^[wW]ildcard$/, wildcard],
  [/^[pP]artition$/, partition],
  [/^[rR]andom$/, random],
  [/^[sS]plit$/, split],
  [/^[sS]plit[fF]rom[lL]eft$/, (call) => ({ kind: 'cut', ...measured(call), fromRight: false })],
  [/^[sS]plit[fF]rom[rR]ight$/, (call) => ({ kind: 'cut', ...measured(call), fromRight: true })],
  [/^[sS]lice[fF]rom[lL]eft$/, (call) => sliced(call, false)],
  [/^[sS]lice[fF]rom[rR]ight$/, (call) => sliced(call, true)],
];

/**
 * Compiles a destination, token by token.
 * @throws {TransformError} with the reason that nats-server 2.14.5 gives (measured).
 */
export function parseDestination(source: TransformSource, destination: ByteString): Part[] {
  if (destination === '' || destination.length > MAX_DESTINATION) throw invalidSubject();
  const tokens = tokensOf(destination);
  checkTokens(tokens);
  if (tokens.includes('*' as ByteString)) throw invalidSubject();
  if (source.isFull !== (tokens.at(-1) === '>')) throw invalidSubject();
  return tokens.map((token) => partOf(token, source));
}

function checkTokens(tokens: readonly ByteString[]): void {
  let isOver = false;
  for (const token of tokens) {
    if (isOver) throw invalidDestination('invalid transform', token);
    if (token === '>') isOver = true;
    else if (!isFunction(token) && !isValidSubject(token)) throw invalidDestination('invalid transform');
  }
}

function isFunction(token: string): boolean {
  return token.length > 4 && token.startsWith('{{') && token.endsWith('}}');
}

function partOf(token: ByteString, source: TransformSource): Part {
  if (token === '>') return { kind: 'rest' };
  if (isFunction(token)) return functionOf(token, source);
  const index = token.startsWith('$') ? integer(token.slice(1)) : undefined;
  if (index === undefined) return { kind: 'literal', text: token };
  return { kind: 'token', token: tokenAt(index, { token, args: [], source }) };
}

function functionOf(token: ByteString, source: TransformSource): Part {
  const inner = token.replace(/^\{+/, '').replace(/\}+$/, '').trim();
  const open = inner.indexOf('(');
  const name = inner.slice(0, Math.max(open, 0)).trimEnd();
  const compile = inner.endsWith(')') ? FUNCTIONS.find(([known]) => known.test(name))?.[1] : undefined;
  if (compile === undefined) throw invalidDestination(UNKNOWN, token);
  const args = inner.slice(open + 1, -1).split(',');
  if (args.length > MAX_ARGUMENTS) throw invalidDestination(TOO_MANY, token);
  return compile({ token, args, source });
}

// ---- functions -------------------------------------------------------------------------------------------------

function wildcard(call: Call): Part {
  const [first = ''] = call.args;
  if (call.args.length === 1 && first === '') throw invalidDestination(NOT_ENOUGH, call.token);
  if (call.args.length > 1) throw invalidDestination(TOO_MANY, call.token);
  return { kind: 'token', token: tokenAt(numberIn(call, first), call) };
}

/** Without any wildcard in the source nothing is hashed, whatever tokens are listed (measured). */
function partition(call: Call): Part {
  const [first = '', ...rest] = call.args;
  const buckets = size32(call, first);
  const indexes = rest.map((arg) => numberIn(call, arg));
  if (!hasWildcards(call.source)) {
    return { kind: 'literal', text: String(bucketOf(HASH_START, buckets)) as ByteString };
  }
  return { kind: 'partition', buckets, tokens: indexes.map((index) => tokenAt(index, call)) };
}

function random(call: Call): Part {
  const [below = ''] = call.args;
  if (call.args.length > 1) throw invalidDestination(NOT_ENOUGH, call.token);
  return { kind: 'random', below: size32(call, below) };
}

function split(call: Call): Part {
  const [index, second] = two(call);
  const number = numberIn(call, index);
  const delimiter = second.trimStart() as ByteString;
  if (/[\s.]/.test(delimiter)) throw invalidDestination(BAD_ARGUMENT, call.token);
  return { kind: 'split', token: tokenAt(number, call), delimiter };
}

function sliced(call: Call, fromRight: boolean): Part {
  const { token, at } = measured(call);
  return { kind: 'slice', token, size: at, fromRight };
}

/** The arguments of the functions that count bytes of a token. */
function measured(call: Call): { token: number; at: number } {
  const [index, size] = two(call);
  const number = numberIn(call, index);
  const at = size32(call, size);
  return { token: tokenAt(number, call), at };
}

// ---- arguments -------------------------------------------------------------------------------------------------

function two(call: Call): [string, string] {
  const [first, second] = call.args;
  if (first === undefined || second === undefined) throw invalidDestination(NOT_ENOUGH, call.token);
  if (call.args.length > 2) throw invalidDestination(TOO_MANY, call.token);
  return [first, second];
}

function numberIn(call: Call, text: string): bigint {
  const number = integer(text.trim());
  if (number === undefined) throw invalidDestination(BAD_ARGUMENT, call.token);
  return number;
}

function size32(call: Call, text: string): number {
  const number = numberIn(call, text);
  if (number > MAX_INT_32) throw invalidDestination(BAD_ARGUMENT, call.token);
  return Number(BigInt.asIntN(32, number));
}

/** A whole number of 64 bits; undefined: no such. */
function integer(text: string): bigint | undefined {
  const [, sign = '', digits] = /^([+-]?)0*(\d{1,19})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return number > MAX_INT_64 || number < -MAX_INT_64 - 1n ? undefined : number;
}

function hasWildcards(source: TransformSource): boolean {
  return source.isFull || source.wildcards.length > 0;
}

/** The token of the source's n-th `*`. Below 1 it is the first token of the subject, wildcard or not (measured). */
function tokenAt(index: bigint, { token, source }: Call): number {
  if (!hasWildcards(source)) throw invalidDestination(OUT_OF_RANGE, token);
  if (index < 1n) return 0;
  const found = source.wildcards[Number(index) - 1];
  if (found === undefined) throw invalidDestination(OUT_OF_RANGE, `${token}: [${index}]`);
  return found;
}
