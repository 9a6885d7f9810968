import { cipherSuite, curveName } from './ciphers.ts';
import { timeoutMs } from './durations.ts';
import { CERTIFICATE_KEYS, TLS_KEYS } from './keys/listeners.ts';
import type { CertificateFiles, Position, TlsOptions } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { booleanOf, mapOf, shownValue, stringOf } from './read.ts';
import { readHandshakeFirst } from './read-handshake-first.ts';
import { readSection } from './section.ts';
import { type ConfigArray, type ConfigEntry, type ConfigValue, typeName } from './values.ts';

/** How long a handshake may take unless the configuration says otherwise, ms (measured on 2.14.5). */
export const DEFAULT_TLS_TIMEOUT_MS = 2_000;

const SHA256_HEX = /^[0-9a-f]{64}$/;

interface Draft {
  certFile: string;
  keyFile: string;
  pairs: readonly CertificateFiles[];
  caFile: string;
  verify: boolean;
  map: boolean;
  timeoutMs: number;
  first: boolean | number;
  minVersion: TlsOptions['minVersion'];
  ciphers?: readonly string[];
  weak: readonly string[];
  allowWeak: boolean;
  curves?: readonly string[];
  pinnedKeys?: readonly string[];
  rate: number;
}

/** Reads a `tls` block; the files that it names are read when a server starts. */
export function readTls(entry: ConfigEntry, findings: Findings): TlsOptions {
  const draft: Draft = {
    certFile: '',
    keyFile: '',
    pairs: [],
    caFile: '',
    verify: false,
    map: false,
    timeoutMs: 0,
    first: false,
    minVersion: 'TLSv1.2',
    weak: [],
    allowWeak: false,
    rate: 0,
  };
  const before = findings.problems.length;
  const handlers = { ...fileHandlers(draft, findings), ...clientHandlers(draft), ...wireHandlers(draft) };
  const unknown = (key: string): string => `error parsing tls config, unknown field ${JSON.stringify(key)}`;
  readSection(mapOf(entry.value), TLS_KEYS, handlers, findings, unknown);
  if (findings.problems.length === before) checkTogether(draft, entry.at);
  const options = finished(draft, entry.at);
  if (options.certificates.length === 0 && findings.problems.length === before)
    findings.warn(entry.at, 'tls', 'the TLS configuration has no certificate: no client can connect');
  return options;
}

/** A value of the type that is wanted, or the real server's words for another one. */
function typed<T>(entry: ConfigEntry, read: (value: ConfigValue) => T, wanted: string): T {
  try {
    return read(entry.value);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    throw new Refusal(entry.at, `error parsing tls config, expected '${entry.key}' to be ${wanted}`);
  }
}

function fileHandlers(draft: Draft, findings: Findings) {
  const file = (entry: ConfigEntry): string => typed(entry, stringOf, 'filename');
  return {
    cert_file: (entry: ConfigEntry) => {
      draft.certFile = file(entry);
    },
    key_file: (entry: ConfigEntry) => {
      draft.keyFile = file(entry);
    },
    ca_file: (entry: ConfigEntry) => {
      draft.caFile = file(entry);
    },
    certs: (entry: ConfigEntry) => {
      draft.pairs = readPairs(entry, findings);
    },
    cert_store: (entry: ConfigEntry) => {
      throw new Refusal(entry.at, 'cert store type not implemented');
    },
  };
}

function readPairs(entry: ConfigEntry, findings: Findings): CertificateFiles[] {
  if (entry.value.kind !== 'array') {
    const got = `unsupported type ${typeName(entry.value.kind)}`;
    throw new Refusal(entry.at, `error parsing certificates config: ${got}`);
  }
  return entry.value.items.map((item) => {
    const files = { certFile: '', keyFile: '' };
    const handlers = {
      cert_file: (inner: ConfigEntry) => {
        files.certFile = typed(inner, stringOf, 'filename');
      },
      key_file: (inner: ConfigEntry) => {
        files.keyFile = typed(inner, stringOf, 'filename');
      },
    };
    readSection(mapOf(item), CERTIFICATE_KEYS, handlers, findings);
    if (files.certFile !== '' && files.keyFile !== '') return files;
    const text = "error parsing certificates config: both 'cert_file' and 'cert_key' options are required";
    throw new Refusal(item.at, text);
  });
}

function clientHandlers(draft: Draft) {
  return {
    verify: (entry: ConfigEntry) => {
      draft.verify = typed(entry, booleanOf, 'a boolean');
    },
    verify_and_map: (entry: ConfigEntry) => {
      draft.map = typed(entry, booleanOf, 'a boolean');
    },
    verify_cert_and_check_known_urls: (entry: ConfigEntry) => {
      if (typed(entry, booleanOf, 'a boolean'))
        throw new Refusal(entry.at, 'verify_cert_and_check_known_urls not supported in this context');
    },
    pinned_certs: (entry: ConfigEntry) => {
      draft.pinnedKeys = readPinned(entry);
    },
  };
}

function readPinned(entry: ConfigEntry): string[] {
  const form = 'hex-encoded sha256 of DER encoded SubjectPublicKeyInfo';
  if (entry.value.kind !== 'array')
    throw new Refusal(entry.at, `error parsing tls config, expected 'pinned_certs' to be a list of ${form}`);
  return entry.value.items.map((item) => {
    const key = stringOf(item).toLowerCase();
    if (SHA256_HEX.test(key)) return key;
    throw new Refusal(
      item.at,
      `error parsing tls config, 'pinned_certs' key ${key} does not look like ${form}`,
    );
  });
}

function wireHandlers(draft: Draft) {
  return {
    timeout: (entry: ConfigEntry) => {
      draft.timeoutMs = timeoutMs(entry, "error parsing tls config, 'timeout'");
    },
    handshake_first: (entry: ConfigEntry) => {
      draft.first = readHandshakeFirst(entry);
    },
    min_version: (entry: ConfigEntry) => {
      draft.minVersion = readVersion(entry);
    },
    allow_insecure_cipher_suites: (entry: ConfigEntry) => {
      draft.allowWeak = typed(entry, booleanOf, 'a boolean');
    },
    cipher_suites: (entry: ConfigEntry) => readCiphers(entry, draft),
    curve_preferences: (entry: ConfigEntry) => {
      draft.curves = listOf(entry).items.map((item) => {
        const name = stringOf(item);
        const curve = curveName(name);
        if (curve === undefined) throw new Refusal(item.at, `unrecognized curve preference ${name}`);
        return curve;
      });
    },
    connection_rate_limit: (entry: ConfigEntry) => {
      if (entry.value.kind !== 'integer')
        throw new Refusal(entry.at, "error parsing tls config, 'connection_rate_limit' wrong type");
      draft.rate = Math.max(0, entry.value.value);
    },
  };
}

function readVersion(entry: ConfigEntry): TlsOptions['minVersion'] {
  const prefix = 'error parsing tls config:';
  if (entry.value.kind !== 'string')
    throw new Refusal(entry.at, `${prefix} 'min_version' wrong type: ${shownValue(entry.value)}`);
  const { value } = entry.value;
  if (value === '1.2') return 'TLSv1.2';
  if (value === '1.3') return 'TLSv1.3';
  if (value === '1.0' || value === '1.1')
    throw new Refusal(entry.at, `${prefix} unsupported TLS version: TLS ${value}`);
  throw new Refusal(entry.at, `${prefix} unknown version: ${value}`);
}

function listOf(entry: ConfigEntry): ConfigArray {
  if (entry.value.kind !== 'array') {
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `interface conversion: interface {} is ${got}, not []interface {}`);
  }
  if (entry.value.items.length === 0)
    throw new Refusal(entry.at, `error parsing tls config, '${entry.key}' cannot be empty`);
  return entry.value;
}

function readCiphers(entry: ConfigEntry, draft: Draft): void {
  const chosen: string[] = [];
  const weak: string[] = [];
  for (const item of listOf(entry).items) {
    const name = stringOf(item);
    const suite = cipherSuite(name);
    if (suite === undefined) throw new Refusal(item.at, `unrecognized cipher ${name}`);
    if (suite.openssl === undefined)
      throw new Refusal(item.at, `cipher ${name} is too weak: the TLS library does not have it any more`);
    if (suite.weak) weak.push(name);
    if (!suite.always) chosen.push(suite.openssl);
  }
  draft.ciphers = chosen;
  draft.weak = weak;
}

/** What several keys of the block say together, in the real server's words. */
function checkTogether({ certFile, keyFile, pairs, weak, allowWeak }: Draft, at: Position): void {
  if (weak.length > 0 && !allowWeak) {
    const text = "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set";
    throw new Refusal(at, `${text}: ${weak.join(', ')}`);
  }
  if (certFile !== '' && pairs.length > 0)
    throw new Refusal(at, "error parsing tls config, cannot combine 'cert_file' option with 'certs' option");
  if (certFile !== '' && keyFile === '') throw new Refusal(at, "missing 'key_file' in TLS configuration");
  if (certFile === '' && keyFile !== '') throw new Refusal(at, "missing 'cert_file' in TLS configuration");
}

function finished(draft: Draft, at: Position): TlsOptions {
  const { certFile, keyFile, pairs, caFile, ciphers, curves, pinnedKeys } = draft;
  return {
    certificates: certFile === '' ? pairs : [{ certFile, keyFile }],
    ...(caFile === '' ? {} : { caFile }),
    verify: draft.verify || draft.map,
    mapsUsers: draft.map,
    timeoutMs: draft.timeoutMs > 0 ? draft.timeoutMs : DEFAULT_TLS_TIMEOUT_MS,
    handshakeFirst: draft.first,
    minVersion: draft.minVersion,
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(curves === undefined ? {} : { curves }),
    ...(pinnedKeys === undefined ? {} : { pinnedKeys }),
    connectionRateLimit: draft.rate,
    at,
  };
}
