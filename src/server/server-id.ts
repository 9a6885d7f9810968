import { generateKeyPairSync } from 'node:crypto';
import { encodePublicNkey, type Random } from '../base/index.ts';

/**
 * A server's id: a public nkey of type N. With seeded chance the key bytes come from the seed; nothing is ever signed
 * with it.
 */
export function newServerId(random: Random | undefined): string {
  if (random !== undefined) return encodePublicNkey('server', random.bytes(32));
  const { publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return encodePublicNkey('server', Buffer.from(x, 'base64url'));
}
