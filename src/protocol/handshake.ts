import { type ByteString, toBytes } from '../subjects/index.ts';

/** INFO as the server sends it; keys in the order of the real server, absent ones left out. */
export interface ServerInfo {
  readonly server_id: string;
  readonly server_name: string;
  readonly version: string;
  readonly proto: 1;
  readonly git_commit?: string;
  readonly go: string;
  readonly host: string;
  readonly port: number;
  readonly headers: boolean;
  readonly auth_required?: true;
  readonly tls_required?: true;
  readonly tls_verify?: true;
  readonly tls_available?: true;
  readonly max_payload: number;
  readonly jetstream?: true;
  readonly client_id?: number;
  readonly client_ip?: string;
  readonly nonce?: string;
  readonly domain?: string;
  readonly connect_urls?: readonly string[];
  readonly ldm?: true;
  readonly connect_info?: true;
  readonly remote_account?: string;
  readonly acc_is_sys?: true;
  readonly api_lvl?: number;
  readonly xkey?: string;
  /** Bulkhead's own version. */
  readonly bulkhead: string;
}

/** The INFO line; the space before its end is the real server's (measured on 2.14.5). */
export function infoLine(info: ServerInfo): Buffer {
  return Buffer.from(`INFO ${JSON.stringify(info)} \r\n`, 'utf8');
}

/** What CONNECT says. Credentials are secrets: never log this object. */
export interface ConnectOptions {
  readonly verbose: boolean;
  readonly pedantic: boolean;
  readonly echo: boolean;
  readonly protocol: number;
  readonly headers: boolean;
  readonly noResponders: boolean;
  readonly user?: ByteString;
  readonly pass?: string;
  readonly authToken?: string;
  readonly jwt?: string;
  readonly nkey?: string;
  readonly sig?: string;
  readonly name: string;
  readonly lang: string;
  readonly version: string;
  /** A leftover of an experiment; naming any account is refused (CVE-2022-24450). */
  readonly account?: string;
}

/** The options of a connection before its first CONNECT (measured on 2.14.5). */
export const DEFAULT_CONNECT: ConnectOptions = {
  verbose: true,
  pedantic: true,
  echo: true,
  protocol: 0,
  headers: false,
  noResponders: false,
  name: '',
  lang: '',
  version: '',
};

type Kind = 'boolean' | 'string' | 'number' | 'object';

const FIELD_KINDS: Readonly<Record<string, Kind>> = {
  verbose: 'boolean',
  pedantic: 'boolean',
  echo: 'boolean',
  tls_required: 'boolean',
  headers: 'boolean',
  no_responders: 'boolean',
  new_account: 'boolean',
  protocol: 'number',
  user: 'string',
  pass: 'string',
  auth_token: 'string',
  jwt: 'string',
  nkey: 'string',
  sig: 'string',
  name: 'string',
  lang: 'string',
  version: 'string',
  account: 'string',
  remote_account: 'string',
  proxy_sig: 'string',
  import: 'object',
  export: 'object',
};

/**
 * Reads CONNECT's JSON. Unknown fields are ignored, a known one of the wrong type refuses the whole. A field that is
 * absent or null keeps the value of the connection's earlier CONNECT (measured on 2.14.5).
 * @returns `undefined` when the text is not such an object.
 */
export function parseConnect(
  text: string,
  earlier: ConnectOptions = DEFAULT_CONNECT,
): ConnectOptions | undefined {
  const fields = parseObject(text);
  if (fields === undefined) return undefined;
  for (const [key, kind] of Object.entries(FIELD_KINDS)) {
    const value = fields.get(key);
    if (value !== undefined && value !== null && typeof value !== kind) return undefined;
  }
  const textOf = (key: string, before: string | undefined): string | undefined => {
    const value = fields.get(key);
    return (typeof value === 'string' ? value : before) || undefined;
  };
  const flag = (key: string, before: boolean): boolean => {
    const value = fields.get(key);
    return typeof value === 'boolean' ? value : before;
  };
  const protocol = fields.get('protocol') ?? earlier.protocol;
  if (!Number.isInteger(protocol)) return undefined;
  const user = fields.get('user');
  return {
    verbose: flag('verbose', earlier.verbose),
    pedantic: flag('pedantic', earlier.pedantic),
    echo: flag('echo', earlier.echo),
    protocol: Number(protocol),
    headers: flag('headers', earlier.headers),
    noResponders: flag('no_responders', earlier.noResponders),
    ...optional('user', typeof user === 'string' ? toBytes(user) : earlier.user),
    ...optional('pass', textOf('pass', earlier.pass)),
    ...optional('authToken', textOf('auth_token', earlier.authToken)),
    ...optional('jwt', textOf('jwt', earlier.jwt)),
    ...optional('nkey', textOf('nkey', earlier.nkey)),
    ...optional('sig', textOf('sig', earlier.sig)),
    ...optional('account', textOf('account', earlier.account)),
    name: textOf('name', earlier.name) ?? '',
    lang: textOf('lang', earlier.lang) ?? '',
    version: textOf('version', earlier.version) ?? '',
  };
}

/** An entry for an object literal; empty text counts as absent. */
function optional<K extends string, T extends string>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]?: T });
}

/** The text's own fields as a map, names in lower case: nothing in it can reach an object's prototype. */
function parseObject(text: string): Map<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
}

/** The fields that are no secret: who, what, and how; `nkey` is a public key. */
const LOGGABLE: ReadonlySet<string> = new Set([
  ...Object.keys(FIELD_KINDS).filter(
    (key) => FIELD_KINDS[key] === 'boolean' || FIELD_KINDS[key] === 'number',
  ),
  ...['user', 'nkey', 'name', 'lang', 'version', 'account', 'remote_account'],
]);

/**
 * CONNECT as it may be logged: only what is known to be no secret is kept. Names are compared after JSON's escapes are
 * resolved, as the login reads them; text that is no object is not shown at all.
 */
export function redactConnect(text: string): string {
  const fields = parseObject(text);
  if (fields === undefined) return '[REDACTED]';
  const shown = [...fields].map(([key, value]) => {
    const isSecret = !LOGGABLE.has(key) || typeof value === 'object';
    return `${JSON.stringify(key)}:${isSecret ? '"[REDACTED]"' : JSON.stringify(value)}`;
  });
  return `{${shown.join(',')}}`;
}
