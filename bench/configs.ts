/** What a server is started with, besides its ports. */
export interface Place {
  /** A directory of its own, with `cert.pem` and `key.pem`. */
  readonly dir: string;
  readonly port: number;
  readonly websocketPort: number;
}

/** A bcrypt hash of "secret" of the usual cost, 11. */
const HASH = '$2a$11$hqSS2lnR/pcswmNNjQgDHObvuct.eV/6MrjCLvhDf6IEJ3dBWUA2u';

/** The subject of the core cells. */
const SUBJECT = 'bench.subject';

/**
 * Accounts in a chain: the service is in D; C takes it from D and offers it, B takes it from C, A from B. Streams do not
 * chain on either server, so that what crosses two or three boundaries is a message to a service without reply. E draws
 * D's stream.
 */
const DOORS = `accounts {
  A { users [{ user: a, password: a }], imports [{ service: { account: B, subject: "${SUBJECT}" } }] }
  B {
    users [{ user: b, password: b }]
    exports [{ service: "${SUBJECT}" }]
    imports [{ service: { account: C, subject: "${SUBJECT}" } }]
  }
  C {
    users [{ user: c, password: c }]
    exports [{ service: "${SUBJECT}" }]
    imports [{ service: { account: D, subject: "${SUBJECT}" } }]
  }
  D { users [{ user: d, password: d }], exports [{ service: "${SUBJECT}" }, { stream: "${SUBJECT}" }] }
  E { users [{ user: e, password: e }], imports [{ stream: { account: D, subject: "${SUBJECT}" } }] }
}
`;

const USERS = { password: 'secret', bcrypt: HASH };

/** The configurations that cells and probes need, by name. */
export const CONFIGS = {
  doors: () => DOORS,
  tls: ({ dir }: Place) => tls(dir),
  websocket: ({ websocketPort }: Place) => websocket(websocketPort, 'no_tls: true'),
  'websocket-tls': ({ dir, websocketPort }: Place) => websocket(websocketPort, tls(dir)),
  password: () => users(USERS.password),
  bcrypt: () => users(USERS.bcrypt),
} as const satisfies Record<string, (place: Place) => string>;

export type ConfigName = keyof typeof CONFIGS;

function tls(dir: string): string {
  return `tls { cert_file: "${dir}/cert.pem", key_file: "${dir}/key.pem", timeout: 30 }\n`;
}

function websocket(port: number, security: string): string {
  return `websocket { host: "127.0.0.1", port: ${port}, ${security} }\n`;
}

/** The steady traffic logs in with a plain password; those who come in a storm are another user. */
function users(secret: string): string {
  return `authorization {
  timeout: 30
  users [{ user: steady, password: plain }, { user: visitor, password: "${secret}" }]
}
`;
}

/** A user with this public nkey besides the steady one. */
export function nkeyConfig(publicKey: string): string {
  return `authorization {
  timeout: 30
  users [{ user: steady, password: plain }, { nkey: ${publicKey} }]
}
`;
}
