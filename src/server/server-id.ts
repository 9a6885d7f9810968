import { encodePublicNkey, type Random } from '../base/index.ts';

const KEY_BYTES = 32;

/**
 * A server's id: the form of a public nkey of type N. Its bytes are chance and belong to no key pair, because nothing
 * is ever signed with it, and making a pair would take a good part of the start.
 */
export function newServerId(random: Random): string {
  return encodePublicNkey('server', random.bytes(KEY_BYTES));
}
