import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { decodePublicNkey } from '../base/index.ts';

const ED25519_SIGNATURE_BYTES = 64;

/** The key of a user nkey (`U…`), or `undefined` when it is none. */
export function userKey(nkey: string): KeyObject | undefined {
  const raw = decodePublicNkey('user', nkey);
  if (raw === undefined) return undefined;
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** Whether `signature` (base64url or base64) is the key's signature of the nonce the server sent. */
export function isSignatureOf(key: KeyObject, nonce: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== ED25519_SIGNATURE_BYTES) return false;
  return verify(null, Buffer.from(nonce), key, bytes);
}
