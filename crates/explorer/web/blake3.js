// BLAKE3 in its plain and keyed modes, with 32 bytes out (its paper, sections 2.1 to 2.6). Written to be
// read; fast enough for what one page checks.

const IV = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8, KEYED_HASH = 16;
const BLOCK_BYTES = 64, CHUNK_BYTES = 1024;

const rotated = (word, bits) => (word >>> bits) | (word << (32 - bits));

function mix(v, a, b, c, d, x, y) {
  v[a] = v[a] + v[b] + x;
  v[d] = rotated(v[d] ^ v[a], 16);
  v[c] = v[c] + v[d];
  v[b] = rotated(v[b] ^ v[c], 12);
  v[a] = v[a] + v[b] + y;
  v[d] = rotated(v[d] ^ v[a], 8);
  v[c] = v[c] + v[d];
  v[b] = rotated(v[b] ^ v[c], 7);
}

function round(v, m) {
  mix(v, 0, 4, 8, 12, m[0], m[1]);
  mix(v, 1, 5, 9, 13, m[2], m[3]);
  mix(v, 2, 6, 10, 14, m[4], m[5]);
  mix(v, 3, 7, 11, 15, m[6], m[7]);
  mix(v, 0, 5, 10, 15, m[8], m[9]);
  mix(v, 1, 6, 11, 12, m[10], m[11]);
  mix(v, 2, 7, 8, 13, m[12], m[13]);
  mix(v, 3, 4, 9, 14, m[14], m[15]);
}

/** The first eight words that a compression gives: a chaining value, or at the root the digest. */
function compress(chaining, block, counter, length, flags) {
  const v = new Uint32Array(16);
  v.set(chaining);
  v.set(IV.slice(0, 4), 8);
  v.set([counter, Math.floor(counter / 2 ** 32), length, flags], 12);
  let m = block;
  for (let turn = 0; turn < 7; turn += 1) {
    if (turn > 0) m = ORDER.map((from) => m[from]);
    round(v, m);
  }
  return v.slice(0, 8).map((word, at) => word ^ v[at + 8]);
}

/** Sixteen little-endian words of at most 64 bytes, zeros behind. */
function words(bytes) {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(bytes);
  const view = new DataView(block.buffer);
  return Array.from({ length: 16 }, (_, at) => view.getUint32(at * 4, true));
}

// Subtrees are values that are still to be compressed, since the last one gets the flag of the root.
const finish = ({ chaining, block, counter, length, flags }, more = 0) =>
  compress(chaining, block, counter, length, flags | more);

function chunk(bytes, key, counter, mode) {
  let chaining = key;
  let flags = mode | CHUNK_START;
  let at = 0;
  for (; bytes.length - at > BLOCK_BYTES; at += BLOCK_BYTES) {
    const block = words(bytes.subarray(at, at + BLOCK_BYTES));
    chaining = compress(chaining, block, counter, BLOCK_BYTES, flags);
    flags = mode;
  }
  const last = bytes.subarray(at);
  return { chaining, block: words(last), counter, length: last.length, flags: flags | CHUNK_END };
}

function subtree(bytes, key, counter, mode) {
  if (bytes.length <= CHUNK_BYTES) return chunk(bytes, key, counter, mode);
  // The left half is full: the greatest power of two of chunks that leaves something to the right.
  let left = CHUNK_BYTES;
  while (left * 2 < bytes.length) left *= 2;
  const low = finish(subtree(bytes.subarray(0, left), key, counter, mode));
  const high = finish(subtree(bytes.subarray(left), key, counter + left / CHUNK_BYTES, mode));
  const flags = mode | PARENT;
  return { chaining: key, block: [...low, ...high], counter: 0, length: BLOCK_BYTES, flags };
}

function digest(bytes, key, mode) {
  const out = new DataView(new ArrayBuffer(32));
  finish(subtree(bytes, key, 0, mode), ROOT).forEach((word, at) => out.setUint32(at * 4, word, true));
  return new Uint8Array(out.buffer);
}

/** The plain hash of some bytes. */
export const hash = (bytes) => digest(bytes, Uint32Array.from(IV), 0);

/** The keyed hash of some bytes; the key has 32. */
export const keyed = (key, bytes) =>
  digest(bytes, Uint32Array.from(words(key).slice(0, 8)), KEYED_HASH);
