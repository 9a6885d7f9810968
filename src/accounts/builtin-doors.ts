import type { ExportOptions, ImportOptions } from '../config/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** What the doors that nobody has to configure depend on. */
export interface BuiltinDoors {
  /** The JetStream API, where the server has JetStream; `except`: subjects of it that an account serves itself. */
  readonly jetstream?: { readonly except: readonly ByteString[] };
}

/** An import every tenant has without having to say so. */
export interface BuiltinImport extends ImportOptions {
  readonly builtin: true;
  /** Subjects within it that never cross: the importing account serves them itself. */
  readonly except?: readonly ByteString[];
}

const JETSTREAM_API = '$JS.API.>' as ByteString;
const THRESHOLD_MS = 120_000;

interface ServiceRow {
  /** Subject of the export. */
  readonly offered: string;
  readonly responseType: 'singleton' | 'stream';
  readonly accountTokenPosition?: number;
  /** What tenants call it; none: it has to be imported by hand. */
  readonly names: readonly string[];
  /** What that becomes in the system account for one tenant. */
  readonly remote?: (account: ByteString) => string;
  readonly share: boolean;
}

/** The services of the system account and their imports (measured on 2.14.5). */
const SERVICES: readonly ServiceRow[] = [
  {
    offered: '$SYS.REQ.USER.*.INFO',
    responseType: 'singleton',
    accountTokenPosition: 4,
    names: ['$SYS.REQ.USER.INFO'],
    remote: (account) => `$SYS.REQ.USER.${account}.INFO`,
    share: true,
  },
  {
    offered: '$SYS.REQ.ACCOUNT.*.CONNZ',
    responseType: 'stream',
    accountTokenPosition: 4,
    names: ['$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.SERVER.PING.CONNZ'],
    remote: (account) => `$SYS.REQ.ACCOUNT.${account}.CONNZ`,
    share: false,
  },
  {
    offered: '$SYS.REQ.ACCOUNT.*.STATZ',
    responseType: 'stream',
    accountTokenPosition: 4,
    names: ['$SYS.REQ.ACCOUNT.PING.STATZ'],
    remote: (account) => `$SYS.REQ.ACCOUNT.${account}.STATZ`,
    share: false,
  },
  { offered: '$SYS.DEBUG.SUBSCRIBERS', responseType: 'singleton', names: [], share: false },
];

/** What the system account offers to every tenant. */
export function builtinExports(doors: BuiltinDoors): ExportOptions[] {
  const exports = SERVICES.map(
    ({ offered, responseType, accountTokenPosition }): ExportOptions => ({
      kind: 'service',
      subject: offered as ByteString,
      responseType,
      thresholdMs: THRESHOLD_MS,
      allowTrace: false,
      ...(accountTokenPosition === undefined ? {} : { accountTokenPosition }),
    }),
  );
  if (doors.jetstream !== undefined) exports.push(jetstreamExport);
  return exports;
}

const jetstreamExport: ExportOptions = {
  kind: 'service',
  subject: JETSTREAM_API,
  responseType: 'singleton',
  thresholdMs: THRESHOLD_MS,
  allowTrace: false,
};

/** What a tenant of this name takes from the system account. */
export function builtinImports(doors: BuiltinDoors, tenant: ByteString, system: ByteString): BuiltinImport[] {
  const imports = SERVICES.flatMap(({ names, remote, share }) =>
    names.map((to) => builtin(system, remote?.(tenant) ?? to, to, share)),
  );
  if (doors.jetstream === undefined) return imports;
  const { except } = doors.jetstream;
  return [...imports, { ...builtin(system, JETSTREAM_API, JETSTREAM_API, true), except }];
}

function builtin(account: ByteString, subject: string, to: string, share: boolean): BuiltinImport {
  return {
    kind: 'service',
    account,
    subject: subject as ByteString,
    ...(subject === to ? {} : { to: to as ByteString }),
    share,
    allowTrace: false,
    builtin: true,
  };
}
