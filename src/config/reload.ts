import { formatDuration } from '../base/index.ts';
import { toText } from '../subjects/index.ts';
import type { JetStreamOptions, ServerOptions, WebsocketOptions } from './options.ts';

const NS_PER_MS = 1e6;
const duration = (ms: number) => formatDuration(ms * NS_PER_MS);

/** What cannot change while the server runs, by the name that the real server's messages have for it (measured on 2.14.5). */
const FIXED: Readonly<Record<string, (options: ServerOptions) => string>> = {
  Host: ({ host }) => host,
  Port: ({ port }) => String(port),
  HTTPHost: ({ monitoring: { host = '' } }) => host,
  HTTPPort: ({ monitoring: { httpPort } }) => String(httpPort),
  HTTPSPort: ({ monitoring: { httpsPort } }) => String(httpsPort),
  HTTPBasePath: ({ monitoring: { basePath } }) => basePath,
  ServerName: ({ serverName = '' }) => serverName,
  SystemAccount: ({ systemAccount }) => (systemAccount === undefined ? '' : toText(systemAccount)),
  NoSystemAccount: ({ systemAccount }) => String(systemAccount === undefined),
  NoAuthUser: ({ noAuthUser }) => (noAuthUser === undefined ? '' : toText(noAuthUser)),
  NoHeaderSupport: ({ headers }) => String(!headers),
  AlwaysEnableNonce: ({ alwaysEnableNonce }) => String(alwaysEnableNonce),
  MaxPending: ({ maxPending }) => String(maxPending),
  MaxSubs: ({ maxSubscriptions }) => String(maxSubscriptions),
  MaxSubTokens: ({ maxSubscriptionTokens }) => String(maxSubscriptionTokens),
  LameDuckDuration: ({ lameDuckDurationMs }) => duration(lameDuckDurationMs),
  LameDuckGracePeriod: ({ lameDuckGracePeriodMs }) => duration(lameDuckGracePeriodMs),
};

/**
 * What differs between two configurations and cannot change while the server runs, each as the real server names it:
 * `ServerName: old=a, new=b`. Empty: the second one can be put in force.
 */
export function unreloadable(before: ServerOptions, after: ServerOptions): string[] {
  const found: string[] = [];
  for (const [name, read] of Object.entries(FIXED)) {
    const [old, now] = [read(before), read(after)];
    if (old !== now) found.push(`${name}: old=${old}, new=${now}`);
  }
  if (!sameOptions(reachOf(before.websocket), reachOf(after.websocket))) found.push('Websocket');
  if (before.jetstream !== undefined && after.jetstream !== undefined)
    found.push(...fixedJetStream(before.jetstream, after.jetstream));
  return found;
}

/** What of a WebSocket listener stays as it is: all but its certificates. */
function reachOf(websocket: WebsocketOptions | undefined): object {
  if (websocket === undefined) return {};
  const { tls, ...rest } = websocket;
  return { ...rest, hasTls: tls !== undefined };
}

/** JetStream may be switched on and off, and given more room; anything else stays (measured on 2.14.5). */
function fixedJetStream(before: JetStreamOptions, after: JetStreamOptions): string[] {
  const found: string[] = [];
  if (before.storeDir !== after.storeDir) found.push('jetstream storage directory');
  if (before.domain !== after.domain)
    found.push(`JetStreamDomain: old=${before.domain}, new=${after.domain}`);
  if (before.strict !== after.strict)
    found.push(`NoJetStreamStrict: old=${!before.strict}, new=${!after.strict}`);
  if (!sameOptions(before.limits, after.limits)) found.push('JetStreamLimits');
  const rooms = [
    [before.maxMemory, after.maxMemory],
    [before.maxStorage, after.maxStorage],
  ] as const;
  if (rooms.some(([old, now]) => (old === undefined) !== (now === undefined)))
    found.push('jetstream dynamic max memory and store');
  else if (rooms.some(([old = 0, now = 0]) => now < old))
    found.push('decreasing jetstream max memory and store');
  return found;
}

/**
 * Whether two parts of options say the same, wherever in the configuration they stand: places (`at`, `…At`) do not
 * count, nor does the order of keys. Options nest only a few levels.
 */
export function sameOptions(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => sameOptions(item, other[index]));
  }
  const left = meaningOf(one);
  const right = new Map(meaningOf(other));
  return left.length === right.size && left.every(([key, value]) => sameOptions(value, right.get(key)));
}

function meaningOf(options: object): [string, unknown][] {
  return Object.entries(options).filter(([key, value]) => value !== undefined && !/^at$|At$/.test(key));
}
