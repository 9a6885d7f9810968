/**
 * Public nkeys as text: base32 of a prefix byte, 32 key bytes, and a CRC-16 (XMODEM, little endian). Own code because
 * loading the library for it takes longer than starting the server; tests hold the two against each other.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const KEY_BYTES = 32;
const TEXT_LENGTH = 56;

/** Prefix bytes; the text starts with the same letter. */
const PREFIXES = { server: 13 << 3, user: 20 << 3, account: 0 } as const;

export type NkeyKind = keyof typeof PREFIXES;

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The text of a public key of 32 bytes. */
export function encodePublicNkey(kind: NkeyKind, key: Uint8Array): string {
  const body = Buffer.concat([Buffer.from([PREFIXES[kind]]), key]);
  const crc = crc16(body);
  const whole = Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of whole) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
  }
  return text;
}

/**
 * The 32 bytes of a public key of one kind; `undefined` when the text is anything else. Length is checked as well as
 * prefix and checksum: a short key with both right once ended a server (GHSA-g33f-6538-grxh).
 */
export function decodePublicNkey(kind: NkeyKind, text: string): Uint8Array | undefined {
  if (text.length !== TEXT_LENGTH) return undefined;
  const whole = new Uint8Array(KEY_BYTES + 3);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    whole[at++] = (held >> bits) & 0xff;
  }
  const body = whole.subarray(0, KEY_BYTES + 1);
  const crc = (whole[KEY_BYTES + 1] as number) | ((whole[KEY_BYTES + 2] as number) << 8);
  if (body[0] !== PREFIXES[kind] || crc16(body) !== crc) return undefined;
  return body.subarray(1);
}
