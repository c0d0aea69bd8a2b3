/** The checksum of saved bytes: CRC-32, as in zip files, eight bytes at a time. */

/** `TABLES[256 * k + b]`: what the byte `b` comes to after `k` more bytes that are zero. */
const TABLES = new Int32Array(8 * 256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  TABLES[n] = c;
}
for (let i = 256; i < TABLES.length; i++) TABLES[i] = TABLES[TABLES[i - 256] & 255] ^ (TABLES[i - 256] >>> 8);

/**
 * Some words, two at a time. It is called for a few of them: a function that is called often is compiled sooner than
 * one that is in a long loop, and a state is checked when everything has just begun.
 */
function words(w: Int32Array, at: number, end: number, before: number): number {
  const t = TABLES;
  let c = before;
  for (; at < end; at += 2) {
    const a = w[at] ^ c;
    const b = w[at + 1];
    c =
      t[0x700 + (a & 255)] ^
      t[0x600 + ((a >>> 8) & 255)] ^
      t[0x500 + ((a >>> 16) & 255)] ^
      t[0x400 + (a >>> 24)] ^
      t[0x300 + (b & 255)] ^
      t[0x200 + ((b >>> 8) & 255)] ^
      t[0x100 + ((b >>> 16) & 255)] ^
      t[b >>> 24];
  }
  return c;
}

/** Whether the lowest byte of a word is its first one, as it is nearly everywhere. */
const IS_LITTLE = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** The checksum of some bytes. */
export function crc32(bytes: Uint8Array): number {
  let c = -1;
  let i = 0;
  if (IS_LITTLE && bytes.length >= 8) {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const w = new Int32Array(aligned.buffer, aligned.byteOffset, 2 * (bytes.length >>> 3));
    for (let at = 0; at < w.length; at += 512) c = words(w, at, Math.min(at + 512, w.length), c);
    i = 4 * w.length;
  }
  for (; i < bytes.length; i++) c = TABLES[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}
