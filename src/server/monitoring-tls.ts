import type { TlsOptions as RuntimeTlsOptions } from 'node:tls';
import { readCertificates, type TlsOptions } from '../config/index.ts';

/**
 * The certificates of the client listener, for monitoring. Certificates of those who ask are not wanted here, whatever
 * the client listener wants (measured on 2.14.5).
 * @throws {ConfigError} for what cannot be read or does not belong together.
 */
export function monitoringCertificate(tls: TlsOptions): RuntimeTlsOptions {
  const { pairs } = readCertificates(tls);
  return {
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
    minVersion: tls.minVersion,
    ...(tls.ciphers === undefined ? {} : { ciphers: tls.ciphers.join(':') }),
    ...(tls.curves === undefined ? {} : { ecdhCurve: tls.curves.join(':') }),
  };
}
