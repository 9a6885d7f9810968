const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Characters of an encoded public key: 1 byte of kind, 32 of key, 2 of checksum, 5 bits a character. */
const LENGTH = 56;
const BYTES = 35;

/** The first byte of a key by kind, which makes the first letter of its text. */
const PREFIX = { user: 20 << 3, account: 0 } as const;

/**
 * Whether a text is a well-formed public nkey of a kind: base32 without padding, the kind's first byte, and a CRC-16
 * (XMODEM) at the end. Here rather than from a library so that reading a configuration loads nothing.
 */
export function isPublicNkey(text: string, kind: keyof typeof PREFIX): boolean {
  if (text.length !== LENGTH) return false;
  const bytes = decodeBase32(text);
  if (bytes === undefined || bytes[0] !== PREFIX[kind]) return false;
  const sum = (bytes[BYTES - 2] ?? 0) | ((bytes[BYTES - 1] ?? 0) << 8);
  return crc16(bytes.subarray(0, BYTES - 2)) === sum;
}

function decodeBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(BYTES);
  let bits = 0;
  let count = 0;
  let length = 0;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit === -1) return undefined;
    bits = ((bits << 5) | digit) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    bytes[length++] = (bits >> count) & 0xff;
  }
  return bytes;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
