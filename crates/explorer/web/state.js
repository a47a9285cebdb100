// The proof of what a state says about some keys, walked as `isonomy-crypto` walks it: the same bytes,
// the same rules, the same root.
import { compared, domain, same, unhex } from "./bytes.js";

const LEAF = domain("isonomy state leaf 1");
const NODE = domain("isonomy state node 1");
const KEY = [domain("isonomy state key short 1"), domain("isonomy state key 1")];
const VALUE = [domain("isonomy state value short 1"), domain("isonomy state value 1")];
const ZERO = new Uint8Array(32);

const TERMINALS_MAX = 512;
const DEPTH_MAX = 256;

const broken = (why) => { throw new Error(why); };

/** At most 63 bytes are hashed as one block: their number, themselves, zeros. */
function digest([short, long], bytes) {
  if (bytes.length > 63) return long(bytes);
  const block = new Uint8Array(64);
  block[0] = bytes.length;
  block.set(bytes, 1);
  return short(block);
}

/** Reads bytes from front to back. */
function reader(bytes) {
  let at = 0;
  const take = (count) => {
    if (at + count > bytes.length) broken("the proof ends in the middle");
    at += count;
    return bytes.subarray(at - count, at);
  };
  const whole = (count) => take(count).reduceRight((sum, byte) => sum * 256 + byte, 0);
  const list = (limit, what, item) => {
    const got = whole(4);
    if (got > limit) broken(`got ${got} ${what}, limit ${limit}`);
    return Array.from({ length: got }, item);
  };
  return { take, whole, list, ended: () => at === bytes.length };
}

function terminal(from) {
  const depth = from.whole(2);
  if (depth > DEPTH_MAX) broken(`got a terminal at depth ${depth}, limit ${DEPTH_MAX}`);
  const kind = from.whole(1);
  if (kind > 2) broken(`got a terminal of kind ${kind}, want 0, 1 or 2`);
  return { depth, kind, leaf: kind === 2 ? { path: from.take(32), value: from.take(32) } : null };
}

function decode(bytes) {
  const from = reader(bytes);
  const terminals = from.list(TERMINALS_MAX, "terminals", () => terminal(from));
  const limit = terminals.length * DEPTH_MAX;
  const marks = from.list(limit / 8, "bytes of marks", () => from.whole(1));
  const siblings = from.list(limit, "siblings", () => from.take(32));
  if (!from.ended()) broken("something follows the proof");
  if (siblings.some((sibling) => same(sibling, ZERO))) broken("a sibling that is spelt out is empty");
  const bits = marks.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  if (bits !== siblings.length) broken(`got ${siblings.length} siblings, the marks say ${bits}`);
  return { terminals, marks, siblings };
}

const bit = (path, index) => (path[index >> 3] >> (7 - (index & 7))) & 1;

function sharedBits(one, other) {
  let bits = 0;
  while (bits < DEPTH_MAX && bit(one, bits) === bit(other, bits)) bits += 1;
  return bits;
}

/** The hash of a terminal, if what is claimed agrees with it. */
function agreed({ depth, kind, leaf }, asked) {
  const present = asked.filter(({ value }) => value !== null);
  if (kind !== 1) {
    if (present.length > 0) broken("a key is said to have a value, but is absent");
    if (kind === 0) return ZERO;
    if (asked.some(({ path }) => same(path, leaf.path))) broken("a key is said to be absent, but is there");
    if (sharedBits(asked[0].path, leaf.path) < depth) broken("the leaf beside a key has its place elsewhere");
    return LEAF(leaf.path, leaf.value);
  }
  if (present.length === 0) broken("a key is said to be absent, but is there");
  const [{ path, value }] = present;
  for (const claim of asked) {
    if (claim.value === null && same(claim.path, path)) broken("a key is said to be absent, but is there");
    if (claim.value !== null && !(same(claim.path, path) && same(claim.value, value))) {
      broken("two claims want one leaf");
    }
  }
  return LEAF(path, value);
}

/** The root that a proof and claims (pairs of a key and a value, null for none) make. Throws if they
 * make none. */
export function stateRoot(bytes, claims) {
  const { terminals, marks, siblings } = decode(bytes);
  const used = { terminals: 0, marks: 0, siblings: 0 };
  const next = (list, name) => {
    if (used[name] >= list.length) broken("the proof ends too early for these claims");
    used[name] += 1;
    return list[used[name] - 1];
  };
  const sibling = () => {
    if (used.marks >= marks.length * 8) broken("the proof ends too early for these claims");
    const mark = (marks[used.marks >> 3] >> (used.marks & 7)) & 1;
    used.marks += 1;
    return mark ? next(siblings, "siblings") : ZERO;
  };
  const subtree = (asked, depth) => {
    if (asked.length === 0) return sibling();
    const reached = terminals[used.terminals] ?? broken("the proof ends too early for these claims");
    if (reached.depth < depth) broken("a terminal lies above the fork of its claims");
    if (reached.depth === depth) return agreed(next(terminals, "terminals"), asked);
    const left = subtree(asked.filter(({ path }) => bit(path, depth) === 0), depth + 1);
    const right = subtree(asked.filter(({ path }) => bit(path, depth) === 1), depth + 1);
    return NODE(left, right);
  };
  const asked = claims.map(([key, value]) => (
    { path: digest(KEY, key), value: value === null ? null : digest(VALUE, value) }));
  asked.sort((one, other) => compared(one.path, other.path));
  const root = subtree(asked, 0);
  const left = used.terminals < terminals.length || used.siblings < siblings.length
    || Math.ceil(used.marks / 8) < marks.length;
  if (left) broken("the proof holds more than these claims need");
  return root;
}

/** Whether a hex proof shows those hex pairs in the state of that hex root: nothing, or it throws. */
export function verifyState(root, proof, pairs) {
  const bytes = (text) => unhex(text) ?? broken("the proof holds something that is not hex");
  const claims = pairs.map(({ key, value }) => [bytes(key), value === null ? null : bytes(value)]);
  const got = stateRoot(bytes(proof), claims);
  if (!same(got, bytes(root))) broken("the proof makes another root than the header's");
}
