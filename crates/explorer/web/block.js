// One block.
import { card, facts, h, mark, quiet, table } from "./dom.js";
import { age, bytes, count, moment, to, whole } from "./format.js";
import { on } from "./live.js";
import { headerId } from "./proof.js";
import { ask } from "./rpc.js";

/** Transactions that are shown at first; the rest on demand. */
const SHOWN = 100;

/** Whether the header makes the id that the node tells: worked out in this page. */
export function checkedHere(compute, id) {
  try {
    return compute() === id ? mark("good", "hashed in this page: it is the id")
      : mark("bad", "hashed in this page: it is another id. Do not trust this node");
  } catch (error) {
    return mark("wait", `not checked in this page: ${error.message}`);
  }
}

const standing = ({ confirmations }) => (confirmations === null
  ? mark("off", "off the best branch")
  : mark("good", `on the best branch, ${count(confirmations)} ${confirmations === 1 ? "block" : "blocks"} deep`));

function rows(transactions) {
  const cells = transactions.map(({ id, payer, actions, size }, at) =>
    [count(at), to("transaction", id), to("account", payer), count(actions), bytes(size)]);
  return table("Transactions", ["Place", "Transaction", "Paid by", "#Actions", "#Size"], cells);
}

function list(transactions) {
  if (transactions.length === 0) return quiet("No transactions.");
  const box = h("div", {}, rows(transactions.slice(0, SHOWN)));
  if (transactions.length > SHOWN) {
    const all = () => box.replaceChildren(rows(transactions));
    box.append(h("button", { type: "button", onclick: all }, `Show all ${count(transactions.length)}`));
  }
  return box;
}

function turn({ height: at, parent }) {
  const before = Number(at) > 0
    ? h("a", { href: `#/block/${parent}` }, "← Parent") : null;
  return h("div", { class: "turn" }, before, h("a", { href: `#/block/${Number(at) + 1}` }, "Next height →"));
}

export async function view([which], page) {
  const at = /^\d{1,15}$/.test(which ?? "") ? { height: Number(which) } : { id: which };
  const { id, header, confirmations, transactions, size } = await ask("block", at);
  const place = h("span", {}, standing({ confirmations }));
  // A block can leave the best branch while it is looked at.
  page.during(on("heads", async () => {
    try {
      place.replaceChildren(standing(await ask("header", { id })));
    } catch {
      // What was said stays; the state at the top says that the node does not answer.
    }
  }));
  const head = card(null, facts(
    ["Id", whole(id)],
    ["Checked", checkedHere(() => headerId(header), id)],
    ["Standing", place],
    ["Made", [moment(header.time), " · ", age(header.time)]],
    ["Producer", to("account", header.producer)],
    ["Parent", Number(header.height) > 0 ? to("block", header.parent) : "none: this is where the chain begins"],
    ["Body", `${count(transactions.length)} transactions, ${bytes(size)}`],
  ));
  const roots = h("details", { class: "card" }, h("summary", {}, "What the header commits"), facts(
    ["State root", whole(header.state_root)], ["Body root", whole(header.body_root)],
    ["Receipts root", whole(header.receipts_root)], ["Next authority", whole(header.next_authority)],
    ["Next params", whole(header.next_params)], ["Seal", header.seal ? whole(header.seal) : "none"],
    ["Format", `version ${header.version}`],
  ));
  return [`Block ${count(header.height)}`, turn(header), head, card("Transactions", list(transactions)), roots];
}
