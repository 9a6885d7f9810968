import { connect, type Socket } from 'node:net';
import type { Explanation, Question, Who } from '../explain/index.ts';

/** How long the server may take for everything, ms. */
const PATIENCE_MS = 10_000;
/** Longest answer that is read, in bytes. */
const MAX_ANSWER = 64 * 1024 * 1024;
const USUAL_PORT = 4222;
const INBOX = '_INBOX.explain';

/** The subject that a server explains itself on, to the system account alone. */
export const EXPLAIN_SUBJECT = '$SYS.REQ.SERVER.PING.EXPLAIN';

/** A server that does not answer the question; the message says why. */
export class AskError extends Error {
  override readonly name = 'AskError';
}

/**
 * Asks a running server.
 * @param login `user:password` where they are not in the URL.
 * @throws {AskError}
 */
export async function askServer(
  url: string,
  login: string | undefined,
  question: Question,
  who: boolean,
): Promise<Explanation | Who> {
  const { host, port, user, pass } = addressOf(url, login);
  const body = Buffer.from(JSON.stringify({ ...question, ...(who ? { who } : {}) }));
  const socket = connect(port, host);
  const credentials = user === '' ? {} : { user, pass };
  socket.write(
    `CONNECT ${JSON.stringify({ ...credentials, verbose: false, headers: true, no_responders: true, protocol: 1 })}\r\n` +
      `SUB ${INBOX} 1\r\nPUB ${EXPLAIN_SUBJECT} ${INBOX} ${body.length}\r\n`,
  );
  socket.write(Buffer.concat([body, Buffer.from('\r\n')]));
  try {
    return answerIn(await payloadFrom(socket, `${host}:${port}`));
  } finally {
    socket.destroy();
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly pass: string;
}

function addressOf(text: string, login: string | undefined): Address {
  let url: URL;
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `nats://${text}`);
  } catch {
    throw new AskError('--server needs an address such as nats://user:password@localhost:4222');
  }
  if (url.protocol !== 'nats:') throw new AskError(`only nats:// is understood here, not ${url.protocol}//`);
  const colon = login?.indexOf(':') ?? -1;
  if (login !== undefined && colon < 0) throw new AskError('--login needs USER:PASSWORD');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? USUAL_PORT : Number(url.port),
    user: login?.slice(0, colon) ?? decodeURIComponent(url.username),
    pass: login?.slice(colon + 1) ?? decodeURIComponent(url.password),
  };
}

/** The payload of the first message; the whole answer is one. */
function payloadFrom(socket: Socket, where: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const fail = (why: string): void => reject(new AskError(why));
    socket.setTimeout(PATIENCE_MS, () => fail(`${where} did not answer within ${PATIENCE_MS / 1000} s`));
    socket.on('error', (error) => fail(`cannot reach ${where}: ${error.message}`));
    socket.on('close', () => fail(`${where} closed the connection`));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length > MAX_ANSWER) return fail(`${where} answers with more than is read`);
      const outcome = read(received);
      if (typeof outcome === 'string') fail(`${where} ${outcome}`);
      else if (outcome !== undefined) resolve(outcome);
    });
  });
}

/** The payload; or, as text, why none will come; or nothing yet. */
function read(received: Buffer): Buffer | string | undefined {
  const text = received.toString('latin1');
  const error = /^-ERR '([^\r]*)'\r$/m.exec(text)?.[1];
  if (error !== undefined) return `refuses: ${error}`;
  const head = /^(H?)MSG \S+ 1 (?:(\d+) )?(\d+)\r\n/m.exec(text);
  if (head === null) return undefined;
  if (head[1] === 'H')
    return 'has nobody who explains: it is no Bulkhead, or this is not a user of its system account';
  const start = head.index + head[0].length;
  const end = start + Number(head[3]);
  return received.length < end ? undefined : received.subarray(start, end);
}

interface Envelope {
  /** Null beside an error. */
  readonly data?: Explanation | Who | null;
  readonly error?: { readonly description?: string };
}

function answerIn(payload: Buffer): Explanation | Who {
  let envelope: Envelope;
  try {
    envelope = JSON.parse(payload.toString('utf8')) as Envelope;
  } catch {
    throw new AskError('the answer is no JSON');
  }
  if (envelope.data) return envelope.data;
  throw new AskError(envelope.error?.description ?? 'the answer has neither data nor error');
}
