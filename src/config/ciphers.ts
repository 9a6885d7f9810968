/** What there is to say about a cipher suite that Go knows. */
interface CipherSuite {
  /** OpenSSL's name; absent: OpenSSL as Node is built with it does not have the suite. */
  readonly openssl?: string;
  /** Whether it has to be asked for with `allow_insecure_cipher_suites` (measured on 2.14.5). */
  readonly weak?: true;
  /** TLS 1.3 has three suites, which are always offered. */
  readonly always?: true;
}

/** Go's names of cipher suites, as `nats-server --help_tls` lists them. */
const SUITES: Readonly<Record<string, CipherSuite>> = {
  TLS_AES_128_GCM_SHA256: { openssl: 'TLS_AES_128_GCM_SHA256', always: true },
  TLS_AES_256_GCM_SHA384: { openssl: 'TLS_AES_256_GCM_SHA384', always: true },
  TLS_CHACHA20_POLY1305_SHA256: { openssl: 'TLS_CHACHA20_POLY1305_SHA256', always: true },
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: { openssl: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: { openssl: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: { openssl: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: { openssl: 'ECDHE-ECDSA-AES128-SHA' },
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: { openssl: 'ECDHE-ECDSA-AES256-SHA' },
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: { openssl: 'ECDHE-ECDSA-AES128-SHA256', weak: true },
  TLS_ECDHE_ECDSA_WITH_RC4_128_SHA: { weak: true },
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: { openssl: 'ECDHE-RSA-AES128-GCM-SHA256' },
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: { openssl: 'ECDHE-RSA-AES256-GCM-SHA384' },
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: { openssl: 'ECDHE-RSA-CHACHA20-POLY1305' },
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: { openssl: 'ECDHE-RSA-AES128-SHA' },
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: { openssl: 'ECDHE-RSA-AES256-SHA' },
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: { openssl: 'ECDHE-RSA-AES128-SHA256', weak: true },
  TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA: { weak: true },
  TLS_ECDHE_RSA_WITH_RC4_128_SHA: { weak: true },
  TLS_RSA_WITH_AES_128_GCM_SHA256: { openssl: 'AES128-GCM-SHA256', weak: true },
  TLS_RSA_WITH_AES_256_GCM_SHA384: { openssl: 'AES256-GCM-SHA384', weak: true },
  TLS_RSA_WITH_AES_128_CBC_SHA: { openssl: 'AES128-SHA', weak: true },
  TLS_RSA_WITH_AES_256_CBC_SHA: { openssl: 'AES256-SHA', weak: true },
  TLS_RSA_WITH_AES_128_CBC_SHA256: { openssl: 'AES128-SHA256', weak: true },
  TLS_RSA_WITH_3DES_EDE_CBC_SHA: { weak: true },
  TLS_RSA_WITH_RC4_128_SHA: { weak: true },
};

/** Go's names of curves to OpenSSL's. */
const CURVES: Readonly<Record<string, string>> = {
  X25519MLKEM768: 'X25519MLKEM768',
  X25519: 'X25519',
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
};

/** The suite that Go calls so; undefined: there is none. */
export function cipherSuite(name: string): CipherSuite | undefined {
  return Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
}

/** OpenSSL's name of the curve that Go calls so; undefined: there is none. */
export function curveName(name: string): string | undefined {
  return Object.hasOwn(CURVES, name) ? CURVES[name] : undefined;
}

/** The suites of TLS 1.3, in OpenSSL's names. */
export const TLS13_CIPHERS: readonly string[] = Object.values(SUITES).flatMap(({ always, openssl }) =>
  always && openssl !== undefined ? [openssl] : [],
);
