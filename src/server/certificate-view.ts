import { createHash, X509Certificate } from 'node:crypto';
import { certificateNames, distinguishedNameText } from '../auth/index.ts';
import type { CertificateView } from '../system/index.ts';

/** A client's certificate, as monitoring shows it. @param der as it came over the wire. */
export function certificateView(der: Buffer): CertificateView {
  const { subject = [] } = certificateNames(der);
  const key = new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
  return { subject: distinguishedNameText(subject), keyDigest: sha256(key), digest: sha256(der) };
}

/** When the first certificate in a PEM text ends: RFC 3339, in seconds. */
export function certificateEnd(pem: string): string {
  return new Date(new X509Certificate(pem).validTo).toISOString().replace('.000Z', 'Z');
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
