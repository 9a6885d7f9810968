import { certFile, SERVER_TLS, VERIFYING_TLS } from './tls-world.ts';

/** A configuration of listeners, and what 2.14.5 tells of it: in INFO to TCP clients, and in `/varz`. */
export interface DoorsCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Host and port in INFO; `own`: the port that is listened on. Absent: INFO comes after the handshake. */
  readonly told?: readonly [host: string, port: number | 'own'];
  /** These fields of `/varz`; undefined: not there. Ports of WebSockets are whatever they are. */
  readonly varz: Readonly<Record<string, unknown>>;
}

const WEB = { port: -1, host: '127.0.0.1' };
const CERTIFICATE_ENDS = '2126-10-29T20:50:54Z';
const PIN = 'a8f407340dcc719864214b85ed96f98d16cbffa8f509d9fa4ca237b7bb3f9c32';
const NO_TLS = {
  tls_required: undefined,
  tls_verify: undefined,
  tls_timeout: 2,
  tls_cert_not_after: undefined,
};
const IN_CLEAR = { ...NO_TLS, host: '127.0.0.1' };
const HERE = ['127.0.0.1', 'own'] as const;
const WITH_TLS = { tls_required: true, tls_cert_not_after: CERTIFICATE_ENDS };

/** Measured on 2.14.5; `test/peer` measures it again. */
export const DOORS: readonly DoorsCase[] = [
  { name: 'nothing', config: {}, told: HERE, varz: { ...IN_CLEAR, websocket: {} } },
  {
    name: 'an advertised address',
    config: { client_advertise: 'example.org:5555' },
    told: ['example.org', 5555],
    varz: { ...NO_TLS, host: 'example.org', port: 5555 },
  },
  ...['example.org', 'example.org:0', 'example.org:-1'].map(
    (text): DoorsCase => ({
      name: `the advertised host ${text}`,
      config: { client_advertise: text },
      told: ['example.org', 'own'],
      varz: { host: 'example.org' },
    }),
  ),
  {
    name: 'an advertised IPv6 address',
    config: { client_advertise: '[::1]:7' },
    told: ['::1', 7],
    varz: { host: '::1', port: 7 },
  },
  {
    name: 'an advertised port',
    config: { client_advertise: ':7' },
    told: ['', 7],
    varz: { host: '', port: 7 },
  },
  { name: 'an empty address', config: { client_advertise: '' }, told: HERE, varz: IN_CLEAR },
  {
    name: 'TLS',
    config: { tls: { ...SERVER_TLS, timeout: 1.5 } },
    told: HERE,
    varz: { ...WITH_TLS, tls_verify: undefined, tls_timeout: 1.5, auth_timeout: 2.5, websocket: {} },
  },
  {
    name: 'TLS first, with certificates of clients',
    config: { tls: { ...VERIFYING_TLS, handshake_first: true, pinned_certs: [PIN] } },
    varz: { ...WITH_TLS, tls_verify: true, tls_timeout: 2, auth_timeout: 3 },
  },
  {
    name: 'TLS beside none',
    config: { allow_non_tls: true, tls: VERIFYING_TLS },
    told: HERE,
    varz: { tls_required: undefined, tls_verify: true, tls_cert_not_after: CERTIFICATE_ENDS },
  },
  {
    name: 'WebSockets',
    config: { websocket: { ...WEB, no_tls: true } },
    told: HERE,
    varz: { ...IN_CLEAR, websocket: { host: '127.0.0.1', no_tls: true } },
  },
  {
    name: 'WebSockets with everything',
    config: {
      websocket: {
        ...WEB,
        no_tls: true,
        advertise: 'ws.example.org:99',
        compression: true,
        same_origin: true,
        allowed_origins: ['http://a.b:80'],
        handshake_timeout: '3s',
        user_cookie: 'uc',
        pass_cookie: 'pc',
        token_cookie: 'tc',
        authorization: { user: 'u', password: 'p', timeout: 3 },
        ping_interval: '7s',
        headers: { 'X-A': 'b' },
      },
    },
    told: HERE,
    varz: {
      websocket: {
        host: '127.0.0.1',
        advertise: 'ws.example.org:99',
        handshake_timeout: 3e9,
        auth_timeout: 3,
        no_tls: true,
        same_origin: true,
        allowed_origins: ['http://a.b:80'],
        compression: true,
      },
    },
  },
  {
    name: 'WebSockets with a guest',
    config: {
      websocket: { ...WEB, no_tls: true, no_auth_user: 'u' },
      authorization: { users: [{ user: 'u', password: 'p' }] },
    },
    told: HERE,
    varz: { auth_required: true, websocket: { host: '127.0.0.1', no_auth_user: 'u', no_tls: true } },
  },
  {
    name: 'WebSockets over TLS',
    config: {
      websocket: {
        ...WEB,
        tls: { ...SERVER_TLS, ca_file: certFile('ca.pem'), verify: true, pinned_certs: [PIN] },
      },
    },
    told: HERE,
    varz: {
      ...IN_CLEAR,
      websocket: { host: '127.0.0.1', tls_pinned_certs: [PIN], tls_cert_not_after: CERTIFICATE_ENDS },
    },
  },
  {
    name: 'WebSockets with mapped certificates',
    config: {
      websocket: { ...WEB, tls: { ...SERVER_TLS, ca_file: certFile('ca.pem'), verify_and_map: true } },
      authorization: { users: [{ user: 'CN=alice' }] },
    },
    told: HERE,
    varz: { websocket: { host: '127.0.0.1', tls_map: true, tls_cert_not_after: CERTIFICATE_ENDS } },
  },
];

/** The fields of a `/varz` that a case speaks of, as it has them. */
export function spokenOf(varz: Readonly<Record<string, unknown>>, { varz: wanted }: DoorsCase): object {
  const { websocket, ...rest } = varz;
  const { port: _, ...web } = (websocket ?? {}) as Record<string, unknown>;
  const all: Record<string, unknown> = { ...rest, websocket: web };
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, all[key]]));
}

/** The certificates that clients show, and what `/connz?auth=1` says of them on 2.14.5. */
export const SHOWN_CERTIFICATES = [
  {
    client: 'alice',
    subject: 'CN=Alice,OU=Strangers,O=NATS',
    spki_sha256: 'ee1f47e9bd25587862932ffc40c0700a9362048028fda4704123edb3a70a8d76',
    cert_sha256: '778e3b4e59810b5feef54779f297aa61dd3a6064f51c640e74e9f67c48147046',
  },
  {
    client: 'odd',
    subject: 'O=Acme\\, Inc. \\\\',
    spki_sha256: '0b14a0d7e21fac75b96e93619b17a6505bbb6ef27ee28328c276ca8f313e3e28',
    cert_sha256: 'ab33afbc45ecb5fb383e7025ec1041716269abddc7a9354cea9f5ad364584d08',
  },
] as const;
