import type { Frame } from './wire-client.ts';

/**
 * What accounts share by design, and what is therefore no part of an observation. The list is short on purpose, and
 * every line of it is in the security model.
 */
const SHARED_IN_INFO: Readonly<Record<string, string>> = {
  server_id: 'identity of the server',
  server_name: 'identity of the server',
  version: 'identity of the server',
  git_commit: 'identity of the server',
  go: 'identity of the server',
  host: 'identity of the server',
  port: 'identity of the server',
  nonce: 'drawn per connection',
  xkey: 'identity of the server',
  client_id: 'the client-id counter',
  client_ip: 'the way of the connection',
};

/** Keys of JSON bodies, wherever they stand. */
const SHARED_IN_JSON: Readonly<Record<string, string>> = {
  server_id: 'identity of the server',
  cid: 'the client-id counter',
  client_id: 'the client-id counter',
  rtt: 'a process gauge',
  mem: 'a process gauge',
  cpu: 'a process gauge',
  uptime: 'a process gauge',
  pending_bytes: 'a process gauge',
  now: 'the time at which things happen',
  start: 'the time at which things happen',
  stop: 'the time at which things happen',
  idle: 'the time at which things happen',
  last_activity: 'the time at which things happen',
  port: 'the way of the connection',
  out_bytes: 'counts the digits of client ids in events, too',
};

/** Objects in JSON bodies of which only the named keys are shared. */
const SHARED_IN_OBJECT: Readonly<Record<string, readonly string[]>> = {
  server: ['id', 'name', 'ver', 'host', 'time'],
  client: ['id'],
  // Counts the digits of client ids in events, too.
  sent: ['bytes'],
};

/**
 * More, for a server that is not exact: its chance has no seed, its clock no stop, its statistics no beginning, and
 * its `server.seq` counts everybody's events.
 */
const INEXACT_IN_JSON: Readonly<Record<string, string>> = {
  id: 'ids of advisories, drawn each time',
  ip: 'the way of the connection',
  api: 'counts the requests of earlier runs',
  created: 'the time at which things happen',
  timestamp: 'the time at which things happen',
  time: 'the time at which things happen',
  ts: 'the time at which things happen',
  first_ts: 'the time at which things happen',
  last_ts: 'the time at which things happen',
  last_active: 'the time at which things happen',
  pause_remaining: 'the time at which things happen',
  response: 'text of another answer, compared where it arrives',
};

const HIDDEN = '·';

/** The normal form of a frame: what is left when everything shared by design is taken out. */
export function observationOf(frame: Frame, exact: boolean): string {
  if (frame.op === 'CLOSED') return 'closed';
  if (frame.op === 'INFO')
    return `INFO ${normalJson(frame.text, (key) => Object.hasOwn(SHARED_IN_INFO, key))}`;
  if (frame.op !== 'MSG') return `${frame.op} ${frame.text}`;
  const payload = frame.payload.startsWith('{') ? normalJson(frame.payload, sharedKey(exact)) : frame.payload;
  const header = exact ? withoutIds(frame.header) : withoutTimes(withoutIds(frame.header));
  const subject = exact ? frame.subject : withoutTime(frame.subject);
  const reply = exact ? frame.reply : withoutTime(frame.reply);
  return `MSG ${subject} sid=${frame.sid} reply=${reply} ${JSON.stringify(header)} ${payload}`;
}

/** The client id that a shared identity carries. */
function withoutIds(header: string): string {
  return header.replace(/^(Nats-Request-Info: \{.*?"id":)\d+/gm, `$1${HIDDEN}`);
}

function withoutTimes(header: string): string {
  return header
    .replace(/Nats-Time-Stamp: .*/g, HIDDEN)
    .replace(/^(Nats-Request-Info: \{.*)$/gm, (line) =>
      line.replace(/"(start|rtt)":("[^"]*"|\d+)/g, `"$1":${HIDDEN}`),
    );
}

/** `$JS.ACK.<stream>.<consumer>.<delivered>.<seq>.<seq>.<time>.<pending>` without its time. */
function withoutTime(subject: string): string {
  return subject
    .replace(/^(\$JS\.ACK(?:\.[^.]+){5}\.)\d+/, `$1${HIDDEN}`)
    .replace(/^_R_\..*/, `_R_.${HIDDEN}`);
}

type IsShared = (key: string, parent: string) => boolean;

function sharedKey(exact: boolean): IsShared {
  return (key, parent) => {
    if (Object.hasOwn(SHARED_IN_JSON, key)) return true;
    if (SHARED_IN_OBJECT[parent]?.includes(key)) return true;
    if (exact) return false;
    return (key === 'seq' && parent === 'server') || Object.hasOwn(INEXACT_IN_JSON, key);
  };
}

function normalJson(text: string, isShared: IsShared): string {
  try {
    return JSON.stringify(strip(JSON.parse(text), '', isShared));
  } catch {
    return text;
  }
}

function strip(value: unknown, parent: string, isShared: IsShared): unknown {
  if (Array.isArray(value)) return value.map((each) => strip(each, parent, isShared));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      isShared(key, parent) ? HIDDEN : strip(each, key, isShared),
    ]),
  );
}
