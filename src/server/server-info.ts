import { API_LEVEL } from '../api/index.ts';
import type { Authenticator } from '../auth/index.ts';
import type { ServerOptions } from '../config/index.ts';
import { type AccountId, accountText, type Guard } from '../guard/index.ts';
import type { ServerInfo } from '../protocol/index.ts';
import { BULKHEAD_VERSION, NATS_VERSION } from '../version.ts';
import type { Connection } from './connection.ts';
import { toldAddress } from './told-address.ts';
import type { Transport } from './transport.ts';

/** The server, as far as INFO tells of it. */
export interface InfoSource {
  readonly options: ServerOptions;
  readonly authenticator: Authenticator;
  readonly guard: Guard;
  readonly id: string;
  readonly name: string;
  readonly port: number | undefined;
  readonly websocketPort: number | undefined;
}

/**
 * What INFO says to one connection.
 * @param afterConnect whether this is the second INFO, which names the account that the connection is in.
 */
export function serverInfo(
  source: InfoSource,
  connection: Connection,
  nonce: string | undefined,
  afterConnect: boolean,
): ServerInfo {
  const { options, guard } = source;
  const { transport } = connection;
  const authenticator = source.authenticator.at(transport.listener ?? 'client');
  const { account } = connection;
  const announced = afterConnect ? authenticator.isRequired : authenticator.isAnnounced;
  return {
    server_id: source.id,
    server_name: source.name,
    version: NATS_VERSION,
    proto: 1,
    go: `node ${process.versions.node}`,
    ...addressOf(source, transport),
    headers: options.headers,
    ...(announced ? { auth_required: true } : {}),
    ...tlsInfo(options, transport),
    max_payload: connection.maxPayload,
    ...(options.jetstream === undefined ? {} : { jetstream: true }),
    client_id: connection.id,
    client_ip: connection.transport.remoteAddress,
    ...(nonce === undefined ? {} : { nonce }),
    ...(options.jetstream?.domain ? { domain: options.jetstream.domain } : {}),
    ...(connection.isLameDuck ? { ldm: true } : {}),
    ...(afterConnect && account !== undefined ? accountInfo(account.id, guard) : {}),
    api_lvl: API_LEVEL,
    bulkhead: BULKHEAD_VERSION,
  };
}

/** Each listener tells its own address; that of WebSockets is never an advertised one (measured on 2.14.5). */
function addressOf({ options, port, websocketPort }: InfoSource, { listener }: Transport) {
  return listener === 'websocket'
    ? { host: options.websocket?.host ?? options.host, port: websocketPort ?? 0 }
    : toldAddress(options, port ?? 0);
}

function tlsInfo(
  { tls, allowNonTls, websocket }: ServerOptions,
  { listener, tls: spoken }: Transport,
): Partial<ServerInfo> {
  if (listener === 'websocket') {
    if (websocket?.tls === undefined) return {};
    const { verify } = websocket.tls;
    return { tls_required: true, ...(verify ? { tls_verify: true } : {}), tls_available: true };
  }
  if (tls === undefined) return {};
  // Who came with the handshake first is told that it had to, whatever others may do (measured on 2.14.5).
  const required = allowNonTls !== true || spoken?.first === true;
  return {
    ...(required ? { tls_required: true } : {}),
    ...(tls.verify ? { tls_verify: true } : {}),
    ...(allowNonTls === true ? { tls_available: true } : {}),
  };
}

function accountInfo(account: AccountId, guard: Guard): Partial<ServerInfo> {
  return {
    connect_info: true,
    remote_account: accountText(account),
    ...(guard.kindOf(account) === 'system' ? { acc_is_sys: true } : {}),
  };
}
