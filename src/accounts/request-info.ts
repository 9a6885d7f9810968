import { encodeJson } from '../base/index.ts';
import { accountText } from '../guard/index.ts';
import { type ByteString, toBytes, toText } from '../subjects/index.ts';
import type { Sender } from './interest.ts';
import type { Passage } from './passage.ts';

/** Written by the server for the service's eyes; read back by nobody in here (CVE-2026-33246, CVE-2026-33223). */
export const REQUEST_INFO = 'Nats-Request-Info';

/**
 * The value of `Nats-Request-Info`: which account asked, in chains through which one, and who where each door shares it. It is
 * written for services that read it and never read back by the server.
 */
export function requestInfo(sender: Sender, passage: Passage): ByteString {
  return toBytes(encodeJson(clientInfo(sender, passage)));
}

/** The header line with that value. */
export function identityLine(info: ByteString): Buffer {
  return Buffer.from(`${REQUEST_INFO}: ${info}\r\n`, 'latin1');
}

/**
 * The same as an object, which events carry as `client`. Keys in the order of the real server.
 * @param passage how it came; undefined for somebody of the account that is told.
 */
export function clientInfo(sender: Sender, passage: Passage | undefined): Record<string, unknown> {
  const { client, user } = sender.principal;
  const share = passage?.shares ?? true;
  const requester = firstOf(passage);
  const info: Record<string, unknown> = {};
  if (share && client !== undefined) {
    info['start'] = client.start;
    info['host'] = client.host;
    info['id'] = client.id;
  }
  info['acc'] = accountText(requester?.from ?? sender.principal.account);
  if (passage?.previous !== undefined) info['svc'] = accountText(passage.from);
  if (!share || client === undefined) return info;
  if (user !== '') info['user'] = toText(user);
  if (client.name !== '') info['name'] = client.name;
  if (client.lang !== '') info['lang'] = client.lang;
  if (client.version !== '') info['ver'] = client.version;
  info['kind'] = client.kind;
  info['client_type'] = client.clientType;
  return info;
}

function firstOf(passage: Passage | undefined): Passage | undefined {
  let step = passage;
  while (step?.previous !== undefined) step = step.previous;
  return step;
}
