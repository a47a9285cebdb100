// One issued asset, and who holds it.
import { card, facts, h, pages, quiet, said, table } from "./dom.js";
import { amount, count, height, short, to, whole } from "./format.js";
import { ask, askAll } from "./rpc.js";

/** Assets that were asked for while this page is open: names and decimals never change. At most so many. */
const KEPT = 500;
const known = new Map();

/** Names, as elements, and decimals of some assets; of what the node does not tell, none. */
export async function assetsOf(ids) {
  const missing = ids.filter((id) => !known.has(id));
  const answers = await askAll(missing.slice(0, 64).map((id) => ["asset", { id }]));
  if (known.size > KEPT) known.clear();
  answers.forEach((answer, at) => answer?.id && known.set(missing[at], answer));
  return ids.map((id) => {
    const found = known.get(id);
    return { name: found ? [said(found.symbol), " ", said(found.name)] : "", decimals: found?.decimals ?? 0 };
  });
}

/** What may still be done, in words. */
export const rights = ({ mint, burn, freeze }) => [
  mint && "its issuer may make more", burn && "holders may destroy what is theirs",
  freeze && "its issuer may freeze accounts",
].filter(Boolean).join(", ") || "nothing beside sending";

function holders(asset, decimals) {
  const load = async (after) => {
    try {
      const { holders: rows, next } = await ask("holders", { asset, after });
      return { rows, next };
    } catch (error) {
      if (!error.lacking) throw error;
      throw new Error("This node keeps no index of holders. Its owner can start it with --index.");
    }
  };
  const show = (rows) => table("Holders", ["Account", "#Amount"],
    rows.map(({ address, amount: held }) => [to("account", address), amount(held, decimals)]));
  return pages(load, show, "Nobody holds it.");
}

export async function view([id]) {
  const { at, issuer, symbol, name, decimals, cap, rights: held, supply } = await ask("asset", { id });
  return [`Asset ${short(id)}`, card(null,
    h("p", { class: "balance" }, said(symbol)), h("p", {}, said(name)),
    quiet("Symbol and name are their issuer's words, and not unique: the id is."),
    facts(["Id", whole(id)], ["Issuer", to("account", issuer)],
      ["Supply", [amount(supply, decimals), " after block ", height(at.height)]],
      ["At most", cap === null ? "no cap" : amount(cap, decimals)],
      ["Decimals", count(decimals)], ["What may be done", rights(held)])),
  card("Holders", holders(id, decimals))];
}
