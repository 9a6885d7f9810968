import { formatInstant } from '../../base/index.ts';
import { toText } from '../../subjects/index.ts';
import type { ReplyBody } from '../service.ts';
import type { SystemView } from '../view.ts';
import { interestCount } from './accounts.ts';
import { jetStreamPart } from './jetstream.ts';
import { between, nowText, uptimeText } from './times.ts';

const NS_PER_MS = 1_000_000;
/** What it shows without TLS (measured on 2.14.5). */
const DEFAULT_TLS_TIMEOUT_MS = 2_000;
const DEFAULT_HANDSHAKE_MS = 2_000;
const NO_PEERS = { clients: 0, routes: 0, gateways: 0, leafs: 0 };

/** Everything about the server in one object, as `/varz` shows it; fields in the order of the real server. */
export function varz(server: SystemView): ReplyBody {
  return { ...configurationPart(server), ...usePart(server), ...statePart(server) };
}

function configurationPart(server: SystemView): ReplyBody {
  const { options, http, doors } = server;
  return {
    server_id: server.id,
    server_name: server.name,
    version: server.version,
    proto: 1,
    go: `node ${process.versions.node}`,
    host: server.host,
    port: server.port,
    auth_required: trueOrAbsent(server.isAuthRequired),
    tls_required: trueOrAbsent(doors.isTlsRequired),
    tls_verify: trueOrAbsent(options.tls?.verify),
    max_connections: options.maxConnections,
    max_subscriptions: options.maxSubscriptions === 0 ? undefined : options.maxSubscriptions,
    ping_interval: options.pingIntervalMs * NS_PER_MS,
    ping_max: options.pingMax,
    http_host: http.host,
    http_port: http.httpPort,
    http_base_path: http.basePath,
    https_port: http.httpsPort,
    auth_timeout: options.authTimeoutMs / 1000,
    max_control_line: options.maxControlLine,
    max_payload: options.maxPayload,
    max_pending: options.maxPending,
    cluster: {},
    gateway: {},
    leaf: {},
    mqtt: {},
    websocket: websocketPart(server),
    jetstream: jetStreamPart(server, true),
    tls_timeout: (options.tls?.timeoutMs ?? DEFAULT_TLS_TIMEOUT_MS) / 1000,
    write_deadline: options.writeDeadlineMs * NS_PER_MS,
  };
}

/** The listener for WebSockets; empty while there is none. Names of cookies and headers are not shown, as there. */
function websocketPart({ options, doors }: SystemView): ReplyBody {
  const { websocket } = options;
  if (websocket === undefined) return {};
  const { tls, authTimeoutMs, handshakeTimeoutMs, allowedOrigins, noAuthUser } = websocket;
  return {
    host: websocket.host,
    port: doors.websocketPort,
    advertise: websocket.advertise?.text,
    no_auth_user: noAuthUser === undefined ? undefined : toText(noAuthUser),
    handshake_timeout:
      handshakeTimeoutMs === DEFAULT_HANDSHAKE_MS ? undefined : handshakeTimeoutMs * NS_PER_MS,
    auth_timeout: authTimeoutMs === undefined ? undefined : authTimeoutMs / 1000,
    no_tls: trueOrAbsent(tls === undefined),
    tls_map: trueOrAbsent(tls?.mapsUsers),
    tls_pinned_certs: tls?.pinnedKeys,
    same_origin: trueOrAbsent(websocket.sameOrigin),
    allowed_origins: allowedOrigins,
    compression: trueOrAbsent(websocket.compression),
    tls_cert_not_after: doors.websocketCertificateEnd,
  };
}

/** Fields that are there only when they hold. */
function trueOrAbsent(holds: boolean | undefined): true | undefined {
  return holds === true ? true : undefined;
}

function usePart(server: SystemView): ReplyBody {
  const { totals, process, start, clock } = server;
  const { received, sent } = totals;
  return {
    start: formatInstant(start),
    now: nowText(server),
    uptime: uptimeText(between(start, clock.instant())),
    mem: process.memory(),
    cores: process.cores,
    gomaxprocs: process.cores,
    cpu: process.cpu(),
    connections: totals.connections,
    total_connections: totals.totalConnections,
    routes: 0,
    remotes: 0,
    leafnodes: 0,
    in_msgs: received.messages,
    in_bytes: received.bytes,
    in_client_msgs: received.messages,
    in_client_bytes: received.bytes,
    out_msgs: sent.messages,
    out_bytes: sent.bytes,
    out_client_msgs: sent.messages,
    out_client_bytes: sent.bytes,
    slow_consumers: totals.slowConsumers,
    stale_connections: totals.staleConnections,
    stalled_clients: 0,
    subscriptions: interestCount(server),
  };
}

function statePart(server: SystemView): ReplyBody {
  const { totals, configLoaded, options, http, doors } = server;
  return {
    http_req_stats: Object.fromEntries([...http.requests].sort(([a], [b]) => (a < b ? -1 : 1))),
    config_load_time: formatInstant(configLoaded),
    config_digest: server.configDigest,
    tags: options.tags.length === 0 ? undefined : options.tags,
    metadata: Object.keys(options.metadata).length === 0 ? undefined : options.metadata,
    feature_flags: { js_ack_fc_v2: false, js_raft_delete_range: false },
    system_account: options.systemAccount === undefined ? undefined : toText(options.systemAccount),
    slow_consumer_stats: { ...NO_PEERS, clients: totals.slowConsumers },
    stale_connection_stats: { ...NO_PEERS, clients: totals.staleConnections },
    disk_io_wait_stats: { waiters: 0, waits: 0, wait_time: 0, max_wait_time: 0 },
    tls_cert_not_after: doors.certificateEnd,
  };
}
