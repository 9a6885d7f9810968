import { isIPv4 } from 'node:net';
import { parseDuration } from '../base/index.ts';
import type { ServerOptions, UserOptions } from '../config/index.ts';
import {
  formatPosition,
  fromTree,
  type LoadedConfig,
  loadConfigFile,
  parseConfig,
  parseValues,
} from '../config/index.ts';
import { toBytes } from '../subjects/index.ts';
import { loadEnvironment } from './environment.ts';
import type { ReloadReport } from './reload-report.ts';
import { Server } from './server.ts';
import type { ServerSetup } from './server-setup.ts';
import type { ServerClock, StartOptions, StateTime, UserSpec } from './start-options.ts';

const LOOPBACK = '127.0.0.1';
const NS_PER_MS = 1e6;

/** A server that runs, and what its owner holds of it. */
export interface Embedded {
  readonly server: Server;
  readonly clock: ServerClock;
  readonly url: string;
  /** All of them: for clients over TCP first, then over WebSockets. */
  readonly urls: readonly string[];
  /**
   * Goes over to another configuration; without one, to what the file that it was started from says now. The other
   * options of the start stay as they are.
   * @throws {ConfigError} and keeps the one it has.
   */
  reload(config?: StartOptions['config']): Promise<ReloadReport>;
  /**
   * Puts a saved state in the place of the present one; resolves when all that this caused has been written.
   * @throws {StateError} and nothing has changed.
   */
  load(state: Uint8Array, time?: StateTime): Promise<void>;
}

/** Makes a server of the options and lets it listen. Nothing stays open when that fails. */
export async function startEmbedded(
  options: StartOptions,
  explain?: NonNullable<ServerSetup['explain']>,
): Promise<Embedded> {
  const loaded = load(options);
  const serverOptions = resolve(options, loaded.options);
  const controlsOff = options.lab?.controlsOff ?? [];
  const open = hostsOf(serverOptions).find((host) => !isLoopback(host));
  if (controlsOff.length > 0 && open !== undefined) {
    throw new Error(`a server with controls off listens on loopback only, not on ${open}`);
  }
  const server: Server = new Server(serverOptions, {
    controlsOff,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.log ? { log: options.log } : {}),
    loaded,
    source: () => reloaded(server, options),
    ...(explain === undefined ? {} : { explain }),
  });
  for (const id of controlsOff)
    server.log.write('warn', `LAB: control ${id} is off; this server is open on purpose`);
  for (const { position, message } of loaded.warnings) {
    server.log.write('warn', `${formatPosition(position)}${message}`);
  }
  if (options.state !== undefined) await loadFirst(server, options.state, options.stateTime);
  const url = options.port === null ? '' : await listening(server, serverOptions);
  const reload = async (config?: StartOptions['config']): Promise<ReloadReport> => {
    if (config === undefined) return server.reloadFromSource();
    const { configFile: _, ...rest } = options;
    // Whoever asks may be in the middle of a delivery: a listener of decisions is.
    await Promise.resolve();
    const after = reloaded(server, { ...rest, config });
    return server.reload(after.options, after);
  };
  const loadSaved = async (state: Uint8Array, time?: StateTime): Promise<void> => {
    await Promise.resolve();
    server.load(state, time);
    await server.written();
  };
  const websocket = websocketUrl(server, serverOptions);
  const urls = [url, websocket].filter((each) => each !== '');
  return { server, clock: clockOf(server), url, urls, reload, load: loadSaved };
}

async function loadFirst(server: Server, state: Uint8Array, time: StateTime | undefined): Promise<void> {
  try {
    server.load(state, time);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function listening(server: Server, { host, port }: ServerOptions): Promise<string> {
  try {
    const bound = await server.listen(host, port);
    return `nats://${isAnyAddress(host) ? LOOPBACK : bracketed(host)}:${bound}`;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Empty where there are no WebSockets. */
function websocketUrl({ websocketPort }: Server, { websocket }: ServerOptions): string {
  if (websocket === undefined || websocketPort === undefined) return '';
  const host = isAnyAddress(websocket.host) ? LOOPBACK : bracketed(websocket.host);
  return `${websocket.tls === undefined ? 'ws' : 'wss'}://${host}:${websocketPort}`;
}

function clockOf(server: Server): ServerClock {
  return {
    now: () => server.clock.now(),
    advance: (duration) => server.times.advance(milliseconds(duration), () => server.written()),
  };
}

/** A time given as milliseconds or as a Go duration, in ms. @throws {RangeError} for anything else. */
export function milliseconds(duration: number | string): number {
  const ms = typeof duration === 'number' ? duration : (parseDuration(duration) ?? Number.NaN) / NS_PER_MS;
  if (!Number.isFinite(ms) || ms < 0)
    throw new RangeError(`cannot advance by ${duration}; wanted ms or a duration`);
  return Math.round(ms);
}

function resolve(options: StartOptions, configured: ServerOptions): ServerOptions {
  const { host, port } = configured;
  const listens = configuresListening(options);
  return {
    ...withUsers(configured, options.users ?? []),
    host: options.host ?? (listens ? host : LOOPBACK),
    port: options.port ?? (listens ? port : -1),
  };
}

/** A configuration for a server that runs already: where it listens stays, unless the configuration says otherwise. */
function reloaded(server: Server, options: StartOptions): LoadedConfig {
  const loaded = load(options);
  const { host, port } = server.options;
  const after = resolve(options, loaded.options);
  const says = (...keys: readonly string[]): boolean =>
    options.configFile !== undefined || keysOf(options.config).some((key) => keys.includes(key));
  const wanted = says('listen', 'port') ? after.port : port;
  return {
    ...loaded,
    options: {
      ...after,
      host: says('listen', 'host', 'net') ? after.host : host,
      port: wanted === server.port ? port : wanted,
      monitoring: says(...MONITORING_KEYS) ? after.monitoring : server.options.monitoring,
    },
  };
}

function load({ config, configFile, jetstream }: StartOptions): LoadedConfig {
  const loaded = loadEither(config, configFile);
  if (jetstream === undefined) return loaded;
  const { jetstream: configured, ...rest } = loaded.options;
  if (!jetstream) return { ...loaded, options: rest };
  return configured === undefined
    ? { ...loaded, options: { ...rest, jetstream: { domain: '', strict: true } } }
    : loaded;
}

function loadEither(config: StartOptions['config'], configFile: string | undefined): LoadedConfig {
  if (configFile !== undefined) return loadConfigFile(configFile, { env: loadEnvironment() });
  if (typeof config === 'string') return parseConfig(config);
  return fromTree(config ?? { jetstream: true });
}

function withUsers(options: ServerOptions, users: readonly UserSpec[]): ServerOptions {
  const added: UserOptions[] = users.map(({ user, password }) => ({ user: toBytes(user), password }));
  return added.length === 0 ? options : { ...options, users: [...options.users, ...added] };
}

const MONITORING_KEYS = [
  'http',
  'https',
  'http_port',
  'monitor_port',
  'https_port',
  'http_base_path',
] as const;
const LISTEN_KEYS: ReadonlySet<string> = new Set(['listen', 'port', 'host', 'net']);

function configuresListening({ config, configFile }: StartOptions): boolean {
  if (configFile !== undefined) return true;
  return keysOf(config).some((key) => LISTEN_KEYS.has(key));
}

/** The keys that a configuration sets, in small letters. */
function keysOf(config: StartOptions['config']): string[] {
  if (config === undefined) return [];
  const keys = typeof config === 'string' ? [...parseValues(config).entries.keys()] : Object.keys(config);
  return keys.map((key) => key.toLowerCase());
}

function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}

/** Where clients can come in. */
function hostsOf({ host, websocket }: ServerOptions): string[] {
  return websocket === undefined ? [host] : [host, websocket.host];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
