/** Headings of the help text, in order. */
export const FLAG_GROUPS = [
  'Server Options',
  'Logging Options',
  'JetStream Options',
  'Authorization Options',
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
  {
    names: ['p', 'port'],
    kind: 'number',
    target: 'port',
    group: 'Server Options',
    value: '<port>',
    doc: 'Port for clients, -1 for a free one (default: 4222)',
  },
  text(
    'serverName',
    'Server Options',
    '<name>',
    'Name of the server (default: its id)',
    'n',
    'name',
    'server_name',
  ),
  text('config', 'Server Options', '<file>', 'Configuration file', 'c', 'config'),
  toggle('check', 'Server Options', 'Check the configuration and exit', 't'),
  text(
    'clientAdvertise',
    'Server Options',
    '<host:port>',
    'Address that clients are told',
    'client_advertise',
  ),

  text('logFile', 'Logging Options', '<file>', 'File for the log (default: stderr)', 'l', 'log'),
  toggle('logTime', 'Logging Options', 'Write the time before each log line (default: true)', 'T', 'logtime'),
  toggle('debug', 'Logging Options', 'Log debug lines', 'D', 'debug'),
  toggle('trace', 'Logging Options', 'Log protocol lines', 'V', 'trace'),
  toggle('traceVerbose', 'Logging Options', 'Log protocol lines of the system account too', 'VV'),
  toggle('debugTrace', 'Logging Options', '-D and -V', 'DV'),
  toggle('debugTraceVerbose', 'Logging Options', '-D and -VV', 'DVV'),

  toggle('jetstream', 'JetStream Options', 'Switch JetStream on', 'js', 'jetstream'),
  text('storeDir', 'JetStream Options', '<dir>', 'Accepted; everything is held in memory', 'sd', 'store_dir'),

  text('user', 'Authorization Options', '<user>', 'User that clients have to name', 'user'),
  text('password', 'Authorization Options', '<password>', 'Password of that user', 'pass'),
  text('token', 'Authorization Options', '<token>', 'Token that clients have to know', 'auth'),

  toggle('version', 'Common Options', 'Show the version', 'v', 'version'),
  toggle('help', 'Common Options', 'Show this text', 'h', 'help'),
];

/** Flags of nats-server that mean nothing here yet. */
export const LATER_FLAGS: readonly string[] = [
  ...['P', 'pid', 'm', 'http_port', 'ms', 'https_port', 'sl', 'signal', 'ports_file_dir', 'profile'],
  ...['s', 'syslog', 'r', 'remote_syslog', 'log_size_limit', 'max_traced_msg_len', 'help_tls'],
  ...['tls', 'tlscert', 'tlskey', 'tlsverify', 'tlscacert'],
  ...[
    'routes',
    'cluster',
    'cluster_name',
    'no_advertise',
    'cluster_advertise',
    'connect_retries',
    'cluster_listen',
  ],
];
