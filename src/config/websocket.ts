import { toBytes } from '../subjects/index.ts';
import { DEFAULT_HOST } from './defaults.ts';
import { durationMs, durationOrSecondsMs, timeoutMs } from './durations.ts';
import { OWN_LOGIN_KEYS, WEBSOCKET_KEYS } from './keys/listeners.ts';
import { checkedPort, readListen } from './listen.ts';
import type { CookieNames, OwnLoginOptions, WebsocketOptions } from './options.ts';
import { originOf } from './origins.ts';
import { type Findings, Refusal } from './problems.ts';
import { advertisedOf, booleanOf, integerOf, mapOf, stringOf } from './read.ts';
import { readSection } from './section.ts';
import { readTls } from './tls.ts';
import { type ConfigEntry, type ConfigValue, typeName } from './values.ts';

/** How long TLS and upgrade may take unless the configuration says otherwise, ms (measured on 2.14.5). */
const DEFAULT_HANDSHAKE_MS = 2_000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft {
  readonly options: Writable<WebsocketOptions>;
  readonly cookies: Writable<CookieNames>;
  noTls: boolean;
}

/** Reads a `websocket` block. @returns undefined where its port is 0: then there is no such listener. */
export function readWebsocket(
  entry: ConfigEntry,
  findings: Findings,
  check: boolean,
): WebsocketOptions | undefined {
  const { value } = entry;
  if (value.kind !== 'map')
    throw new Refusal(entry.at, `Expected websocket to be a map, got ${typeName(value.kind)}`);
  const cookies: Writable<CookieNames> = {};
  const options: Writable<WebsocketOptions> = {
    host: DEFAULT_HOST,
    port: 0,
    sameOrigin: false,
    handshakeTimeoutMs: DEFAULT_HANDSHAKE_MS,
    compression: false,
    cookies,
    headers: [],
    at: entry.at,
  };
  const draft: Draft = { options, cookies, noTls: false };
  const before = findings.problems.length;
  const handlers = {
    ...addressHandlers(options),
    ...encryptionHandlers(draft, findings),
    ...originHandlers(options),
    ...timeHandlers(options, findings, check),
    ...loginHandlers(draft, findings),
    headers: (inner: ConfigEntry) => {
      options.headers = readHeaders(inner);
    },
  };
  readSection(value, WEBSOCKET_KEYS, handlers, findings);
  if (options.port === 0) return undefined;
  if (findings.problems.length === before && !draft.noTls && options.tls === undefined)
    findings.problem(entry.at, 'websocket requires TLS configuration');
  if (draft.noTls) delete options.tls;
  return options;
}

function addressHandlers(options: Writable<WebsocketOptions>) {
  return {
    listen: (entry: ConfigEntry) => {
      const { host, port } = readListen(entry);
      options.port = port;
      if (host !== undefined) options.host = host;
    },
    port: (entry: ConfigEntry) => {
      options.port = checkedPort(integerOf(entry.value), entry);
    },
    host: (entry: ConfigEntry) => {
      options.host = stringOf(entry.value) || DEFAULT_HOST;
    },
    advertise: (entry: ConfigEntry) => {
      const address = advertisedOf(entry);
      if (address !== undefined) options.advertise = address;
    },
  };
}

function encryptionHandlers(draft: Draft, findings: Findings) {
  return {
    tls: (entry: ConfigEntry) => {
      draft.options.tls = readTls(entry, findings);
    },
    no_tls: (entry: ConfigEntry) => {
      draft.noTls = booleanOf(entry.value);
    },
    compression: (entry: ConfigEntry) => {
      draft.options.compression = booleanOf(entry.value);
    },
  };
}

function originHandlers(options: Writable<WebsocketOptions>) {
  return {
    same_origin: (entry: ConfigEntry) => {
      options.sameOrigin = booleanOf(entry.value);
    },
    allowed_origins: (entry: ConfigEntry) => {
      const items = entry.value.kind === 'array' ? entry.value.items : [entry.value];
      const origins = items.map(readOrigin);
      if (origins.length > 0) options.allowedOrigins = origins;
    },
  };
}

function readOrigin(value: ConfigValue): string {
  if (value.kind !== 'string')
    throw new Refusal(value.at, `error parsing allowed origins: unsupported type ${typeName(value.kind)}`);
  const origin = originOf(value.value);
  if (origin !== undefined) return origin;
  throw new Refusal(value.at, `unable to parse allowed origin: ${JSON.stringify(value.value)} is no origin`);
}

function timeHandlers(options: Writable<WebsocketOptions>, findings: Findings, check: boolean) {
  return {
    handshake_timeout: (entry: ConfigEntry) => {
      const ms = entry.value.kind === 'string' ? durationMs(entry, '') : integerOf(entry.value) * 1000;
      if (ms > 0) options.handshakeTimeoutMs = ms;
    },
    ping_interval: (entry: ConfigEntry) => {
      const ms = durationOrSecondsMs(entry, findings, check);
      if (ms > 0) options.pingIntervalMs = ms;
    },
  };
}

function loginHandlers({ options, cookies }: Draft, findings: Findings) {
  const cookie = (name: keyof CookieNames) => (entry: ConfigEntry) => {
    const value = stringOf(entry.value);
    if (value !== '') cookies[name] = value;
  };
  return {
    authorization: (entry: ConfigEntry) => readLogin(entry, options, findings),
    no_auth_user: (entry: ConfigEntry) => {
      const name = stringOf(entry.value);
      if (name !== '') options.noAuthUser = toBytes(name);
    },
    jwt_cookie: cookie('jwt'),
    user_cookie: cookie('user'),
    pass_cookie: cookie('password'),
    token_cookie: cookie('token'),
  };
}

function readLogin(entry: ConfigEntry, options: Writable<WebsocketOptions>, findings: Findings): void {
  const login: Writable<OwnLoginOptions> = {};
  const handlers = {
    user: (inner: ConfigEntry) => {
      const user = stringOf(inner.value);
      if (user !== '') login.user = toBytes(user);
    },
    password: (inner: ConfigEntry) => {
      login.password = stringOf(inner.value);
    },
    token: (inner: ConfigEntry) => {
      const token = stringOf(inner.value);
      if (token !== '') login.token = token;
    },
    timeout: (inner: ConfigEntry) => {
      const ms = timeoutMs(inner, "error parsing authorization config, 'timeout'");
      if (ms > 0) options.authTimeoutMs = ms;
    },
  };
  readSection(mapOf(entry.value), OWN_LOGIN_KEYS, handlers, findings);
  if (login.user !== undefined || login.token !== undefined) options.login = login;
  else if ((login.password ?? '') !== '')
    findings.problem(entry.at, 'websocket authorization has a password but no user');
}

/** Names of headers, and nothing in values that could end a line. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function readHeaders({ value, at }: ConfigEntry): [string, string][] {
  if (value.kind !== 'map')
    throw new Refusal(at, `error parsing headers: unsupported type ${typeName(value.kind)}`);
  return [...value.entries.values()].map((entry) => {
    const { key } = entry;
    if (entry.value.kind !== 'string') {
      const got = `unsupported type ${typeName(entry.value.kind)}`;
      throw new Refusal(entry.at, `error parsing header key ${key}: ${got}`);
    }
    if (key.toLowerCase().startsWith('sec-websocket-')) {
      const why = '"Sec-WebSocket-" prefix not allowed';
      throw new Refusal(entry.at, `websocket: invalid header ${JSON.stringify(key)}, ${why}`);
    }
    if (!HEADER_NAME.test(key) || !HEADER_VALUE.test(entry.value.value))
      throw new Refusal(entry.at, `websocket: invalid header ${JSON.stringify(key)}`);
    return [key, entry.value.value];
  });
}
