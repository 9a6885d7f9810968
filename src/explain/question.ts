import { ENDPOINTS } from '../api/index.ts';
import { type ByteString, hasValidTokens, isValidSubject, toBytes, toText } from '../subjects/index.ts';
import type { Question } from './explanation.ts';

/** Names that a message lists, at most. */
const LISTED = 20;
/** Longest subject, queue or name that is asked about, in bytes: what a control line holds with room for the rest. */
const MAX_NAME = 3_000;
const API_PREFIX = '$JS.API.';
const DEFAULT_INBOX = '_INBOX';

/** A question that cannot be asked so; the message says what is wrong with it. */
export class QuestionError extends Error {
  override readonly name = 'QuestionError';
}

/** Names for a message: at most so many, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).join(', ');
  return names.length > LISTED ? `${shown} … and ${names.length - LISTED} more` : shown;
}

/** What a rehearsed client does, checked and as wire bytes. */
export type Act =
  | { readonly kind: 'connect' }
  | { readonly kind: 'publish'; readonly subject: ByteString }
  | { readonly kind: 'subscribe'; readonly subject: ByteString; readonly queue: ByteString }
  | { readonly kind: 'request'; readonly subject: ByteString; readonly inbox: ByteString };

/**
 * Reads what is asked.
 * @param account the name of the account that asks, for endpoints that name one.
 * @throws {QuestionError}
 */
export function actOf(question: Question, account: ByteString): Act {
  const { action, subject, queue, inbox } = question;
  if (queue !== undefined && action !== 'subscribe')
    throw new QuestionError('a queue belongs to a subscription');
  if (inbox !== undefined && action !== 'request' && action !== 'jetstream')
    throw new QuestionError('an inbox belongs to a request');
  if (action === 'connect') {
    if (subject !== undefined) throw new QuestionError('to connect needs no subject');
    return { kind: 'connect' };
  }
  if (subject === undefined)
    throw new QuestionError(
      `to ${action === 'jetstream' ? 'use JetStream' : action}, what? A subject is missing`,
    );
  switch (action) {
    case 'publish':
      return { kind: 'publish', subject: subjectOf(subject) };
    case 'subscribe':
      return { kind: 'subscribe', subject: subjectOf(subject), queue: queueOf(queue) };
    case 'request':
      return { kind: 'request', subject: subjectOf(subject), inbox: inboxOf(inbox) };
    case 'jetstream':
      return { kind: 'request', subject: endpointSubject(subject, account), inbox: inboxOf(inbox) };
  }
}

/** A subject that was given as text. @throws {QuestionError} */
export function subjectOf(text: string): ByteString {
  const subject = bounded(text, 'subject');
  if (subject === '') throw new QuestionError('the subject is empty');
  if (/[ \t\r\n\f]/.test(subject)) throw new QuestionError(`subject ${quoted(text)} has white space in it`);
  if (isValidSubject(subject)) return subject;
  const hasEmpty = subject.split('.').includes('');
  const why = hasEmpty ? 'an empty token' : 'a > that is not its last token';
  throw new QuestionError(`subject ${quoted(text)} has ${why}`);
}

function queueOf(text: string | undefined): ByteString {
  if (text === undefined) return toBytes('');
  const queue = bounded(text, 'queue');
  if (queue === '' || /[ \t\r\n\f]/.test(queue))
    throw new QuestionError(`queue ${quoted(text)} is empty or has white space in it`);
  return queue;
}

function inboxOf(text: string | undefined): ByteString {
  const inbox = subjectOf(text ?? DEFAULT_INBOX);
  if (/[*>]/.test(inbox)) throw new QuestionError(`inbox prefix ${quoted(text ?? '')} has a wildcard in it`);
  return inbox;
}

function bounded(text: string, what: string): ByteString {
  const bytes = toBytes(text);
  if (bytes.length <= MAX_NAME) return bytes;
  throw new QuestionError(`the ${what} is longer than ${MAX_NAME} bytes`);
}

/** A subject or name in a sentence. */
export function quotedBytes(bytes: ByteString): string {
  return quoted(toText(bytes));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** The tokens of an endpoint behind the prefix; named ones are `<name>` or `<name…>`. */
function endpointTokens(subject: string): string[] {
  return subject.startsWith(API_PREFIX) ? subject.slice(API_PREFIX.length).split('.') : [];
}

/**
 * The subject of an endpoint given as in `STREAM.CREATE` or `STREAM.INFO.orders`: what is not named gets a name of its
 * own, an account that of whoever asks.
 */
function endpointSubject(text: string, account: ByteString): ByteString {
  const given = bounded(text.startsWith(API_PREFIX) ? text.slice(API_PREFIX.length) : text, 'endpoint');
  const words = given.split('.');
  const candidates = ENDPOINTS.map((row) => endpointTokens(row.subject)).filter((tokens) =>
    fits(tokens, words),
  );
  const exactly = candidates.filter((tokens) => tokens.length === words.length);
  const [tokens] = (exactly.length > 0 ? exactly : candidates).sort((a, b) => a.length - b.length);
  if (tokens === undefined || !hasValidTokens(given as ByteString)) {
    const known = [...new Set(ENDPOINTS.map((row) => literalPart(row.subject)))].filter(
      (name) => name !== '',
    );
    throw new QuestionError(
      `no endpoint of the JetStream API is called ${quoted(text)}; known are ${listed(known)}`,
    );
  }
  const filled = tokens.map((token, at) => words[at] ?? exampleFor(token, account));
  return subjectOfBytes(API_PREFIX + [...filled, ...words.slice(tokens.length)].join('.'), text);
}

function subjectOfBytes(subject: string, text: string): ByteString {
  if (isValidSubject(subject as ByteString)) return subject as ByteString;
  throw new QuestionError(`endpoint ${quoted(text)} makes no valid subject`);
}

function fits(tokens: readonly string[], words: readonly string[]): boolean {
  const last = tokens.at(-1) ?? '';
  if (tokens.length === 0 || (words.length > tokens.length && !last.endsWith('…>'))) return false;
  return tokens.every((token, at) => {
    const isNamed = token.startsWith('<');
    return isNamed || words[at] === token;
  });
}

function literalPart(subject: string): string {
  const tokens = endpointTokens(subject);
  const named = tokens.findIndex((token) => token.startsWith('<'));
  return tokens.slice(0, named < 0 ? tokens.length : named).join('.');
}

function exampleFor(token: string, account: ByteString): string {
  if (token === '<account>') return account;
  return token.replace(/[<>…]/g, '');
}
