import { createSecureContext, type TlsOptions as NodeTlsOptions, type SecureContext } from 'node:tls';
import { type Certificates, ConfigError, TLS13_CIPHERS, type TlsOptions } from '../config/index.ts';

/** What Node is told to serve TLS with. */
export type TlsSettings = NodeTlsOptions & { readonly secureContext: SecureContext };

/**
 * The settings of a listener that serves TLS.
 * @throws {ConfigError} for what the TLS library does not take, such as a curve it does not know.
 */
export function tlsSettings(tls: TlsOptions, { pairs, ca }: Certificates): TlsSettings {
  const { ciphers, curves, minVersion, verify } = tls;
  const settings = {
    cert: pairs.map(({ cert }) => cert),
    key: pairs.map(({ key }) => key),
    ...(ca === undefined ? {} : { ca }),
    minVersion,
    honorCipherOrder: true,
    ...(ciphers === undefined ? {} : { ciphers: [...TLS13_CIPHERS, ...ciphers].join(':') }),
    ...(curves === undefined ? {} : { ecdhCurve: curves.join(':') }),
  };
  try {
    const secureContext = createSecureContext(settings);
    return { ...settings, secureContext, requestCert: verify, rejectUnauthorized: verify };
  } catch (error) {
    const { file = '', line = 0, column = 0, path } = tls.at ?? {};
    const message = `the TLS library refuses the configuration: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigError([{ file, line, column, message, ...(path === undefined ? {} : { path }) }]);
  }
}
