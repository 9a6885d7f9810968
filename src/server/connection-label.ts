import { accountText } from '../guard/index.ts';
import { toText } from '../subjects/index.ts';
import type { Connection } from './connection.ts';

/** Characters of what a client calls itself that a log line shows. */
const MOST_SHOWN = 128;

/**
 * A connection as log lines name it: `127.0.0.1:51270 - cid:5`, and once it is logged in what it calls itself and who it
 * is: `… - "v1.0:go:my app" - "A/user:ada"` (measured on 2.14.5). What a client says is quoted.
 */
export function connectionLabel({ id, transport, entry, connectOptions }: Connection): string {
  const { connectionType, remoteAddress, remotePort } = transport;
  const kind = connectionType === 'WEBSOCKET' ? 'wid' : 'cid';
  const place = `${remoteAddress}:${remotePort} - ${kind}:${id}`;
  if (entry === undefined) return place;
  const { lang, version, name } = connectOptions;
  const said = [version === '' ? '' : `v${version}`, lang, name].filter((part) => part !== '').join(':');
  const { account, user } = entry.principal;
  const parts = [place];
  if (said !== '') parts.push(quoted(said));
  if (user !== '') parts.push(quoted(`${accountText(account)}/user:${toText(user)}`));
  return parts.join(' - ');
}

function quoted(text: string): string {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  // What JSON leaves as it is may still move the cursor of a terminal.
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
