// Bytes as hex, as text addresses, as numbers, and the domains that things are hashed under.
import { keyed } from "./blake3.js";

/** The bytes of lower-case hex digits; null when they are not that. */
export function unhex(text) {
  if (typeof text !== "string" || text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.substr(at * 2, 2), 16));
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

export const same = (one, other) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Below zero, zero or above: as the first differing bytes say. */
export function compared(one, other) {
  const at = one.findIndex((byte, place) => byte !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
}

/** A number of so many bytes, little-endian. Throws when it has no room or no such bytes. */
export function number(value, bytes) {
  let rest = BigInt(value);
  if (rest < 0n || rest >> BigInt(8 * bytes) !== 0n) throw new RangeError(`${value} does not fit`);
  return Uint8Array.from({ length: bytes }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}

export const toNumber = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** A use of hashing: BLAKE3 keyed with its name, which is padded with zeros. */
export function domain(name) {
  const key = new Uint8Array(32);
  key.set(new TextEncoder().encode(name));
  return (...parts) => keyed(key, joined(...parts));
}

const LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX = "iso";
const BECH32M = 0x2bc830a3;

function checksum(values) {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  return values.reduce((sum, value) => {
    const next = ((sum & 0x1ffffff) << 5) ^ value;
    return generator.reduce((mixed, term, bit) => ((sum >>> (25 + bit)) & 1 ? mixed ^ term : mixed), next);
  }, 1);
}

const expanded = [...PREFIX].map((c) => c.charCodeAt(0) >> 5)
  .concat(0, [...PREFIX].map((c) => c.charCodeAt(0) & 31));

/** The 32 bytes of an address (bech32m, BIP350). Throws in plain words when the text is none. */
export function address(text) {
  const wrong = (why) => { throw new Error(why); };
  if (text !== text.toLowerCase()) wrong("An address is written in lower case.");
  if (!text.startsWith(`${PREFIX}1`)) wrong(`An address starts with ${PREFIX}1.`);
  const values = [...text.slice(PREFIX.length + 1)].map((c) => LETTERS.indexOf(c));
  if (values.includes(-1) || checksum([...expanded, ...values]) !== BECH32M) {
    wrong("This address has a typing error: its checksum does not fit.");
  }
  const bits = values.slice(0, -6).map((value) => value.toString(2).padStart(5, "0")).join("");
  if (values.length !== 58 || /1/.test(bits.slice(256))) wrong("This address does not hold 32 bytes.");
  return Uint8Array.from({ length: 32 }, (_, at) => parseInt(bits.substr(at * 8, 8), 2));
}

/** The text of an address of 32 bytes. */
export function addressText(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("").padEnd(260, "0");
  const values = Array.from({ length: 52 }, (_, at) => parseInt(bits.substr(at * 5, 5), 2));
  const sum = checksum([...expanded, ...values, 0, 0, 0, 0, 0, 0]) ^ BECH32M;
  const tail = Array.from({ length: 6 }, (_, at) => (sum >>> (5 * (5 - at))) & 31);
  return `${PREFIX}1${[...values, ...tail].map((value) => LETTERS[value]).join("")}`;
}
