/** Headings of the help text, in order. */
export const FLAG_GROUPS = [
  'Server Options',
  'Logging Options',
  'JetStream Options',
  'Authorization Options',
  'TLS Options',
  'Common Options',
] as const;

export type FlagGroup = (typeof FLAG_GROUPS)[number];

/** What a flag sets. Several flags may set the same thing. */
export type FlagTarget =
  | 'host'
  | 'port'
  | 'serverName'
  | 'clientAdvertise'
  | 'config'
  | 'check'
  | 'pidFile'
  | 'httpPort'
  | 'httpsPort'
  | 'signal'
  | 'portsFileDir'
  | 'maxTracedBytes'
  | 'tls'
  | 'tlsCert'
  | 'tlsKey'
  | 'tlsVerify'
  | 'tlsCaCert'
  | 'jetstream'
  | 'storeDir'
  | 'debug'
  | 'trace'
  | 'traceVerbose'
  | 'debugTrace'
  | 'debugTraceVerbose'
  | 'logFile'
  | 'logTime'
  | 'user'
  | 'password'
  | 'token'
  | 'version'
  | 'help';

/** A flag of the command line. */
export interface FlagSpec {
  /** Without dashes; one dash or two mean the same. */
  readonly names: readonly string[];
  readonly kind: 'switch' | 'text' | 'number';
  readonly target: FlagTarget;
  readonly group: FlagGroup;
  /** The word for its value in the help text. */
  readonly value?: string;
  readonly doc: string;
}

const text = (
  target: FlagTarget,
  group: FlagGroup,
  value: string,
  doc: string,
  ...names: string[]
): FlagSpec => ({
  names,
  kind: 'text',
  target,
  group,
  value,
  doc,
});
const number = (
  target: FlagTarget,
  group: FlagGroup,
  value: string,
  doc: string,
  ...names: string[]
): FlagSpec => ({ ...text(target, group, value, doc, ...names), kind: 'number' });
const toggle = (target: FlagTarget, group: FlagGroup, doc: string, ...names: string[]): FlagSpec => ({
  names,
  kind: 'switch',
  target,
  group,
  doc,
});

/** Every flag that is understood; the parser and the help text rest on it. */
export const FLAGS: readonly FlagSpec[] = [
  text('host', 'Server Options', '<host>', 'Address to listen on (default: 0.0.0.0)', 'a', 'addr', 'net'),
  number(
    'port',
    'Server Options',
    '<port>',
    'Port for clients, -1 for a free one (default: 4222)',
    'p',
    'port',
  ),
  text(
    'serverName',
    'Server Options',
    '<name>',
    'Name of the server (default: its id)',
    'n',
    'name',
    'server_name',
  ),
  text('pidFile', 'Server Options', '<file>', 'File for the process id', 'P', 'pid'),
  number('httpPort', 'Server Options', '<port>', 'Port for monitoring over HTTP', 'm', 'http_port'),
  number('httpsPort', 'Server Options', '<port>', 'Port for monitoring over HTTPS', 'ms', 'https_port'),
  text('config', 'Server Options', '<file>', 'Configuration file', 'c', 'config'),
  toggle('check', 'Server Options', 'Check the configuration and exit', 't'),
  text(
    'signal',
    'Server Options',
    '<signal>=<pid>',
    'Send ldm, stop, quit, term, reopen or reload; or a pid file for <pid>',
    'sl',
    'signal',
  ),
  text(
    'clientAdvertise',
    'Server Options',
    '<host:port>',
    'Address that clients are told',
    'client_advertise',
  ),
  text('portsFileDir', 'Server Options', '<dir>', 'Folder for a file that says the ports', 'ports_file_dir'),

  text('logFile', 'Logging Options', '<file>', 'File for the log (default: stderr)', 'l', 'log'),
  toggle('logTime', 'Logging Options', 'Write the time before each log line (default: true)', 'T', 'logtime'),
  toggle('debug', 'Logging Options', 'Log debug lines', 'D', 'debug'),
  toggle('trace', 'Logging Options', 'Log protocol lines', 'V', 'trace'),
  toggle('traceVerbose', 'Logging Options', 'Log protocol lines of the system account too', 'VV'),
  toggle('debugTrace', 'Logging Options', '-D and -V', 'DV'),
  toggle('debugTraceVerbose', 'Logging Options', '-D and -VV', 'DVV'),
  number(
    'maxTracedBytes',
    'Logging Options',
    '<bytes>',
    'Bytes of a message in a trace line (default: all)',
    'max_traced_msg_len',
  ),

  toggle('jetstream', 'JetStream Options', 'Switch JetStream on', 'js', 'jetstream'),
  text('storeDir', 'JetStream Options', '<dir>', 'Accepted; everything is held in memory', 'sd', 'store_dir'),

  text('user', 'Authorization Options', '<user>', 'User that clients have to name', 'user'),
  text('password', 'Authorization Options', '<password>', 'Password of that user', 'pass'),
  text('token', 'Authorization Options', '<token>', 'Token that clients have to know', 'auth'),

  toggle('tls', 'TLS Options', 'Encrypt; certificates of clients are not asked for', 'tls'),
  text('tlsCert', 'TLS Options', '<file>', 'Certificate of the server', 'tlscert'),
  text('tlsKey', 'TLS Options', '<file>', 'Its private key', 'tlskey'),
  toggle('tlsVerify', 'TLS Options', 'Encrypt; clients need a certificate', 'tlsverify'),
  text('tlsCaCert', 'TLS Options', '<file>', 'Who may sign certificates of clients', 'tlscacert'),

  toggle('version', 'Common Options', 'Show the version', 'v', 'version'),
  toggle('help', 'Common Options', 'Show this text', 'h', 'help'),
];

const NO_SYSLOG = 'the log goes to stderr or a file (-l)';
const ONE_SERVER = 'this is one server without a cluster';

/** Flags of nats-server that are refused, and why. */
export const REFUSED_FLAGS: ReadonlyMap<string, string> = new Map([
  ...['s', 'syslog', 'r', 'remote_syslog'].map((name) => [name, NO_SYSLOG] as const),
  ...['log_size_limit'].map(
    (name) => [name, 'the log file is turned over from outside, then -sl reopen'] as const,
  ),
  ...['profile'].map((name) => [name, 'profile with node --cpu-prof'] as const),
  ...['help_tls'].map((name) => [name, 'docs/configuration.md has the keys of tls'] as const),
  ...[
    'routes',
    'cluster',
    'cluster_name',
    'no_advertise',
    'cluster_advertise',
    'connect_retries',
    'cluster_listen',
  ].map((name) => [name, ONE_SERVER] as const),
]);
