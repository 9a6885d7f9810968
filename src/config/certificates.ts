import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerOptions, TlsOptions } from './options.ts';
import { ConfigError } from './problems.ts';
import { readFailure } from './sources.ts';

/** What the files of a `tls` block hold: PEM. The keys are secrets. */
export interface Certificates {
  readonly pairs: readonly { readonly cert: string; readonly key: string }[];
  readonly ca?: string;
}

/**
 * Reads the files that a `tls` block names. They are read when a server starts or reloads, not when a configuration is
 * parsed: who explains or audits a configuration need not have them.
 * @throws {ConfigError} in the real server's words for what cannot be read or does not belong together.
 */
export function readCertificates(tls: TlsOptions): Certificates {
  try {
    const pairs = tls.certificates.map(({ certFile, keyFile }) => readPair(certFile, keyFile));
    return { pairs, ...(tls.caFile === undefined ? {} : { ca: readAuthority(tls.caFile) }) };
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown;
    const { file = '', line = 0, column = 0, path } = tls.at ?? {};
    const place = { file, line, column, ...(path === undefined ? {} : { path }) };
    throw new ConfigError([{ ...place, message: thrown.message }]);
  }
}

/** Reads all certificates of a configuration to find out whether it can be served. @throws {ConfigError} */
export function checkCertificates({ tls, websocket }: ServerOptions): void {
  for (const each of [tls, websocket?.tls]) if (each !== undefined) readCertificates(each);
}

class Unusable extends Error {}

function readPair(certFile: string, keyFile: string): { cert: string; key: string } {
  const refuse = (why: string): never => {
    throw new Unusable(`error parsing X509 certificate/key pair: ${why}`);
  };
  const read = (path: string): string => {
    const [text, failure] = contentOf(path);
    return text ?? refuse(failure);
  };
  const cert = read(certFile);
  const key = read(keyFile);
  const leaf = leafOf(cert, refuse);
  const secret = keyOf(key, refuse);
  if (!leaf.checkPrivateKey(secret)) refuse('tls: private key does not match public key');
  return { cert, key };
}

function leafOf(pem: string, refuse: (why: string) => never): X509Certificate {
  const labels = labelsIn(pem);
  if (labels.length === 0) refuse('tls: failed to find any PEM data in certificate input');
  if (!labels.includes('CERTIFICATE')) {
    const what = 'tls: failed to find certificate PEM data in certificate input';
    const isKey = labels.some((label) => label.endsWith('PRIVATE KEY'));
    const switched = ', but did find a private key; PEM inputs may have been switched';
    refuse(
      isKey
        ? what + switched
        : `${what} after skipping PEM blocks of the following types: [${labels.join(' ')}]`,
    );
  }
  try {
    return new X509Certificate(pem);
  } catch {
    return refuse('x509: malformed certificate');
  }
}

function keyOf(pem: string, refuse: (why: string) => never): KeyObject {
  const labels = labelsIn(pem);
  if (labels.length === 0) refuse('tls: failed to find any PEM data in key input');
  if (!labels.some((label) => label.endsWith('PRIVATE KEY'))) {
    if (labels.includes('CERTIFICATE'))
      refuse('tls: found a certificate rather than a key in the PEM for the private key');
    refuse(
      `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${labels.join(' ')}]`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch {
    return refuse('tls: failed to parse private key');
  }
}

function readAuthority(path: string): string {
  const [text, failure] = contentOf(path);
  if (text === undefined) throw new Unusable(failure);
  try {
    new X509Certificate(text);
    return text;
  } catch {
    throw new Unusable('failed to parse root ca certificate');
  }
}

function contentOf(path: string): [string, ''] | [undefined, string] {
  try {
    return [readFileSync(path, 'utf8'), ''];
  } catch (thrown) {
    return [undefined, readFailure(path, thrown)];
  }
}

function labelsIn(pem: string): string[] {
  return [...pem.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----/gm)].map((match) => match[1] ?? '');
}
