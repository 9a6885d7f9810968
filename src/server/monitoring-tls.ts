import { readFileSync } from 'node:fs';
import type { TlsOptions as RuntimeTlsOptions } from 'node:tls';
import type { TlsOptions } from '../config/index.ts';

/**
 * The certificates of the client listener, for monitoring. Certificates of those who ask are not wanted here, whatever
 * the client listener wants (measured on 2.14.5).
 * @throws the system's error for a file that cannot be read.
 */
export function monitoringCertificate(tls: TlsOptions): RuntimeTlsOptions {
  return {
    cert: tls.certificates.map(({ certFile }) => readFileSync(certFile)),
    key: tls.certificates.map(({ keyFile }) => readFileSync(keyFile)),
    minVersion: tls.minVersion,
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers.join(':') }),
    ...(tls.curves === undefined ? {} : { ecdhCurve: tls.curves.join(':') }),
  };
}
