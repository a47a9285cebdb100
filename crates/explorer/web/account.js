// One account: what it holds, owns and promised, and what it did.
import { card, facts, h, mark, pages, quiet, replace, table } from "./dom.js";
import { address } from "./bytes.js";
import { age, amount, count, height, short, to, whole } from "./format.js";
import { assetsOf } from "./asset.js";
import { faucet } from "./faucet.js";
import { on } from "./live.js";
import { lockRow, LOCK_COLUMNS } from "./lock.js";
import { ask } from "./rpc.js";

function holdings(of, at) {
  const load = async (after) => {
    const { holdings: rows, next } = await ask("holdings", { address: of, height: at, after });
    const assets = await assetsOf(rows.map(({ asset }) => asset));
    return { rows: rows.map((row, place) => ({ ...row, of: assets[place] })), next };
  };
  const show = (rows) => table("Assets held", ["Asset", "Name", "#Amount", "Proof"], rows.map(({ asset, amount: held, of: what }) => [
    to("asset", asset), what.name, amount(held, what.decimals),
    h("a", { href: `#/proofs/${of}/${asset}`, "aria-label": `Prove what it holds of ${short(asset)}` }, "prove"),
  ]));
  return pages(load, show, "No issued assets.");
}

function items(of, at) {
  const load = async (after) => {
    const { items: rows, next } = await ask("items", { address: of, height: at, after });
    return { rows, next };
  };
  const show = (rows) => table("Unique items", ["Collection", "Item"], rows.map(({ collection, number }) => [
    to("collection", collection), h("a", { href: `#/item/${collection}/${number}` }, `number ${count(number)}`),
  ]));
  return pages(load, show, "No unique items.");
}

function locks(of, at) {
  const load = async (before) => {
    const { locks: rows, next } = await ask("locks", { address: of, height: at, before });
    return { rows, next };
  };
  const show = (rows) => table("Conditional payments", LOCK_COLUMNS, rows.map(lockRow));
  return pages(load, show, "No conditional payments that are open.");
}

function history(of) {
  const load = async (before) => {
    try {
      const { entries, next } = await ask("history", { address: of, before });
      return { rows: entries, next };
    } catch (error) {
      if (!error.lacking) throw error;
      throw new Error("This node keeps no index of what accounts did. Its owner can start it with --index.");
    }
  };
  const show = (rows) => table("History", ["Transaction", "Height", "When", "Its part", "Result"], rows.map((row) => [
    // What a block itself did, like paying its producer, is no transaction's.
    row.transaction ? to("transaction", row.transaction) : to("block", row.block, "the block itself"), height(row.height), age(row.time), row.roles.join(", "),
    row.code ? mark("bad", `failed, ${row.code}`) : mark("good", "done"),
  ]));
  return pages(load, show, "Nothing yet.");
}

const lanes = (list) => (list.length === 0 ? "none used"
  : list.map(({ lane, next }) => `lane ${lane}: next ${count(next)}`).join(" · "));

export async function view([text], page) {
  address(text);
  const first = await ask("account", { address: text });
  const top = h("div", { class: "card" });
  const draw = ({ at, balance, policy, lanes: used, next }) => replace(top,
    h("div", {}, h("p", { class: "balance", id: "balance" }, amount(balance)),
      h("p", { class: "quiet" }, "coins, after block ", height(at.height))),
    facts(["Address", whole(text)],
      ["Acts by", policy === null ? "the policy that its address names" : ["the policy ", h("code", {}, short(policy))]],
      ["Next turn", count(next)], ["Turns used", lanes(used)]),
    h("div", { class: "row" }, h("a", { href: `#/proofs/${text}` }, "Prove this balance"), faucet(text)));
  draw(first);
  page.during(on("heads", async () => {
    try {
      const again = await ask("account", { address: text });
      // Not under somebody's hand.
      if (!top.contains(document.activeElement)) draw(again);
    } catch {
      // What is shown says after which block it was so.
    }
  }));
  const { height: at } = first.at;
  return [`Account ${short(text)}`, top, card("Assets held", holdings(text, at)),
    card("Unique items", items(text, at)), card("Conditional payments", locks(text, at)),
    card("History", history(text))];
}
