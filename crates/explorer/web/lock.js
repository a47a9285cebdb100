// Conditional payments: for a secret, or else they go back.
import { card, facts, mark } from "./dom.js";
import { amount, count, height, moment, short, to, whole } from "./format.js";
import { ask } from "./rpc.js";

const until = (expires) => (expires.height !== undefined
  ? `height ${count(expires.height)}` : moment(expires.time));

const what = ({ asset, amount: held }) =>
  [amount(held), " ", asset === null ? "coins" : ["units of ", to("asset", asset)]];

export const LOCK_COLUMNS = ["Lock", "What", "For", "Until"];
export const lockRow = (lock) => [to("lock", lock.id), what(lock), to("account", lock.to), until(lock.expires)];

export async function view([id]) {
  const { at, lock } = await ask("lock", { id });
  return [`Lock ${short(id)}`, card(null, facts(
    ["Id", whole(id)], ["Standing", [mark("wait", "open"), " after block ", height(at.height)]],
    ["Holds", what(lock)], ["Paid to", to("account", lock.to)],
    ["Against", ["the preimage of the SHA-256 ", whole(lock.hash)]],
    ["Before", until(lock.expires)], ["From then on back to", to("account", lock.maker)]))];
}
