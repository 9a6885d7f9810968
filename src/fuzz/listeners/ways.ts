import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../../server/index.ts';
import type { ListenerFuzzer, StrangerTimes, Way } from './listener-fuzzer.ts';
import { Stranger } from './stranger.ts';
import { ASKS, FRAMES, HELLO, LINES, QUESTIONS, UPGRADE, type Words } from './words.ts';

/** A handshake that succeeds is not what is being timed. */
const PATIENT_HANDSHAKE_MS = 2_000;
const SECOND_MS = 1_000;

type Config = Way['config'];
type Tls = Readonly<Record<string, unknown>>;

const clients = ({ port = 0 }: Server): number => port;
const websockets = ({ websocketPort = 0 }: Server): number => websocketPort;
const monitoring = ({ monitoringUrl = 'http://nowhere' }: Server): number =>
  Number(new URL(monitoringUrl).port);

function login({ loginMs }: StrangerTimes): object {
  return { authorization: { user: 'u', password: 'p', timeout: loginMs / SECOND_MS } };
}

function tlsOf(certificates: string, timeoutMs: number): Tls {
  const file = (name: string): string => join(certificates, name);
  return { cert_file: file('server.pem'), key_file: file('server.key'), timeout: timeoutMs / SECOND_MS };
}

/** The TCP port with a `tls` block. */
function withTls(more: Tls, options: object = {}, isPatient = false): Config {
  return (times, certificates) => {
    const tls = tlsOf(certificates, isPatient ? PATIENT_HANDSHAKE_MS : times.handshakeMs);
    const authority = more['verify'] === true ? { ca_file: join(certificates, 'ca.pem') } : {};
    return { ...login(times), ...options, tls: { ...tls, ...authority, ...more } };
  };
}

/** The port for WebSockets. */
function webConfig(isTls: boolean, isPatient = false): Config {
  return (times, certificates) => {
    const handshakeMs = isPatient ? PATIENT_HANDSHAKE_MS : times.handshakeMs;
    const way = isTls ? { tls: tlsOf(certificates, handshakeMs) } : { no_tls: true };
    const authorization = { token: 't', timeout: times.loginMs / SECOND_MS };
    const web = { port: -1, host: '127.0.0.1', compression: true, handshake_timeout: `${handshakeMs}ms` };
    return { ...login(times), websocket: { ...web, authorization, ...way } };
  };
}

const monitored: Config = (times) => ({ ...login(times), http: '127.0.0.1:-1' });

function plain(name: string, words: Words, config: Config, port = clients): Way {
  return { name, words, config, arrive: (server) => Stranger.at(port(server)) };
}

function encrypted(name: string, words: Words, config: Config, port = clients): Way {
  return { name, words, config, arrive: (server) => Stranger.overTls(port(server)) };
}

/** Shows a certificate that is good, and no more. */
function certified(name: string, words: Words, config: Config): Way {
  const read = (certificates: string, file: string): Buffer => readFileSync(join(certificates, file));
  return {
    name,
    words,
    config,
    arrive: (server, folder) =>
      Stranger.overTls(clients(server), { cert: read(folder, 'alice.pem'), key: read(folder, 'alice.key') }),
  };
}

/** Asks to become a WebSocket, then goes on. */
function upgraded(way: Way): Way {
  return {
    ...way,
    arrive(server, certificates) {
      const stranger = way.arrive(server, certificates);
      stranger.send(Buffer.from(UPGRADE, 'latin1'));
      return stranger;
    },
  };
}

function promise(where: string): string {
  return `Whoever does not log in at ${where} is closed in time, takes bounded memory, and disturbs nobody.`;
}

/** One for each listener, with every way that leads to it. */
export const LISTENER_FUZZERS: readonly ListenerFuzzer[] = [
  { id: 'tcp', promise: promise('the TCP port'), ways: [plain('TCP', LINES, login as Config)] },
  {
    id: 'tls',
    promise: promise('the TCP port with TLS'),
    ways: [
      plain('TLS in clear', [HELLO, ...LINES], withTls({})),
      plain('TLS offered', [HELLO, ...LINES], withTls({}, { allow_non_tls: true })),
      plain('TLS first', [HELLO, ...LINES], withTls({ handshake_first: true })),
      encrypted('inside TLS', LINES, withTls({ handshake_first: true }, {}, true)),
      certified('TLS with certificates', LINES, withTls({ handshake_first: true, verify: true }, {}, true)),
    ],
  },
  {
    id: 'websocket',
    promise: promise('the port for WebSockets'),
    ways: [
      plain('HTTP', ASKS, webConfig(false), websockets),
      upgraded(plain('inside a WebSocket', FRAMES, webConfig(false), websockets)),
    ],
  },
  {
    id: 'websocket-tls',
    promise: promise('the port for WebSockets over TLS'),
    ways: [
      plain('a WebSocket over TLS, in clear', [HELLO, ...ASKS], webConfig(true), websockets),
      encrypted('HTTP over TLS', ASKS, webConfig(true, true), websockets),
      upgraded(encrypted('inside a WebSocket over TLS', FRAMES, webConfig(true, true), websockets)),
    ],
  },
  {
    id: 'monitoring',
    promise: promise('monitoring over HTTP'),
    ways: [plain('monitoring', QUESTIONS, monitored, monitoring)],
  },
];
