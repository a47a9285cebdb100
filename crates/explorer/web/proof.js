// What stands in a proof's file, made and checked in this page: nobody is asked and nobody is believed.
import { address, addressText, domain, hex, joined, number, same, toNumber, unhex } from "./bytes.js";
import { verifyState } from "./state.js";

const SEAL_HASH = domain("isonomy seal hash 1");
const SEAL = domain("isonomy seal 1");
const BLOCK_ID = domain("isonomy block id 1");
const TRANSACTION_ID = domain("isonomy transaction id 2");

const VERSION = 1;
const KIND = "isonomy proof";
/** Bytes of a proof's text that are read. Stops a file without end from filling memory. */
export const TEXT_BYTES_MAX = 16 * 1024 * 1024;
const KEYS_MAX = 32;

const wrong = (why) => { throw new Error(why); };

function hash(text) {
  const bytes = unhex(text);
  return bytes?.length === 32 ? bytes : wrong(`${text} is not a hash of 64 digits.`);
}

/** The id that a header's fields make. Two headers never share one. */
export function headerId(header) {
  if (header.version !== 1) wrong(`The header has version ${header.version}; this page reads version 1.`);
  const sealed = [
    number(header.version, 1), hash(header.parent), number(header.height, 8), number(header.time, 8),
    address(header.producer), hash(header.body_root), hash(header.state_root),
    hash(header.receipts_root), hash(header.next_authority), hash(header.next_params),
  ];
  const seal = unhex(header.seal) ?? wrong("The header's seal is not hex.");
  return hex(BLOCK_ID(SEAL_HASH(...sealed), SEAL(seal)));
}

/** The id that a transaction's intent makes: everything in it but the signatures. */
export function transactionId(intent) {
  const signers = intent.signers.map(({ account, nonce }) =>
    joined(address(account), number(nonce.lane, 2), number(nonce.seq, 8)));
  const actions = intent.actions.map(({ module, by, payload }) => {
    const bytes = unhex(payload) ?? wrong("A payload is not hex.");
    return joined(number(module, 2), number(by, 1), number(bytes.length, 4), bytes);
  });
  const bytes = joined(
    number(intent.version, 1), number(signers.length, 4), ...signers,
    number(actions.length, 4), ...actions,
    number(intent.meter_limit, 8), number(intent.price, 8), number(intent.expires, 8),
  );
  const padded = new Uint8Array(Math.max(1, Math.ceil(bytes.length / 64)) * 64);
  padded.set(bytes);
  return hex(TRANSACTION_ID(padded));
}

const COINS = Uint8Array.of(0, 1, 0);
const UNITS = Uint8Array.of(0, 1, 4);

/** The key under which a state holds what an account has of an asset, or with null of the coin. */
export function balanceKey(account, asset) {
  const of = address(account);
  return hex(asset === null ? joined(COINS, of) : joined(UNITS, of, hash(asset)));
}

/** What a pair says, if it is of a balance: an account, an asset (null: the coin) and an amount. */
export function balance({ key, value }) {
  const bytes = unhex(key);
  const starts = (prefix, length) => bytes.length === length && same(bytes.subarray(0, 3), prefix);
  const coin = starts(COINS, 35);
  if (!coin && !starts(UNITS, 67)) return null;
  const amount = value === null ? new Uint8Array(16) : unhex(value);
  if (amount.length !== 16) wrong("Where a balance should be there is no amount.");
  const asset = coin ? null : hex(bytes.subarray(35));
  return { account: addressText(bytes.subarray(3, 35)), asset, amount: String(toNumber(amount)) };
}

/** The text of a proof, as `isonomy proof check` reads it. */
export function proofText(header, keys, { values, proof }) {
  const pairs = keys.map((key, at) => ({ key, value: values[at] ?? null }));
  return `${JSON.stringify({ version: VERSION, kind: KIND, header, pairs, proof }, null, 2)}\n`;
}

/** Reads a proof's text. Checks nothing of what it says. */
export function readProof(text) {
  if (text.length > TEXT_BYTES_MAX) wrong(`A proof has at most ${TEXT_BYTES_MAX} characters.`);
  let read;
  try {
    read = JSON.parse(text);
  } catch {
    wrong("This is not a proof: it is not JSON. Choose the file that was written as a proof.");
  }
  if (read?.kind !== KIND) wrong(`This is not a proof: its kind is not “${KIND}”.`);
  if (read.version !== VERSION) {
    wrong(`The proof has version ${read.version}, this page reads version ${VERSION}. Update the node.`);
  }
  const { header, pairs, proof } = read;
  const sound = header && typeof proof === "string" && Array.isArray(pairs) && pairs.length <= KEYS_MAX
    && pairs.every((pair) => unhex(pair?.key) && (pair.value === null || unhex(pair.value)));
  return sound ? read : wrong("This is not a proof: a part of it is missing. Have it made anew.");
}

/** Checks a proof that was read: it says what it rests on, the block's id, or throws what is wrong. */
export function checkProof({ header, pairs, proof }) {
  const id = headerId(header);
  verifyState(header.state_root, proof, pairs);
  return { id, height: header.height, root: header.state_root, pairs };
}
