// What waits, and what a place in a block costs.
import { card, h, quiet, replace, table, tile } from "./dom.js";
import { bytes, count, to } from "./format.js";
import { on } from "./live.js";
import { ask, askAll } from "./rpc.js";

/** Ids that are shown; the node tells more. */
const SHOWN = 200;
/** Blocks within which a transaction is to be in one. */
const WITHIN = [1, 3, 10, 30];
/** Milliseconds between two drawings, however much happens. */
const DRAW_MS = 500;

const price = (rows) => table("Prices", ["In a block within", "#Price of a meter unit"],
  rows.map((row, at) => [`${WITHIN[at]} ${WITHIN[at] === 1 ? "block" : "blocks"}`, row?.price === undefined ? "–" : count(row.price)]));

export async function view(_, page) {
  const [tiles, prices, list] = [h("div", { class: "tiles" }), h("div"), h("div")];
  let pool = await ask("mempool");
  let ids = new Set(pool.ids);
  const draw = () => {
    const shown = [...ids].slice(-SHOWN).reverse();
    replace(tiles, tile("Waiting", count(pool.transactions), "transactions", "waiting"),
      tile("Size", bytes(pool.bytes)), tile("Least price", count(pool.least_price), "a meter unit, else refused"));
    if (list.contains(document.activeElement)) return;
    replace(list, shown.length === 0 ? quiet("Nothing waits.")
      : table("Waiting transactions", ["Transaction"], shown.map((id) => [to("transaction", id, id)])),
    pool.transactions > shown.length ? quiet(`${count(shown.length)} of ${count(pool.transactions)} are shown.`) : null);
  };
  let drawn = null;
  const soon = () => { drawn ??= setTimeout(() => { drawn = null; draw(); }, DRAW_MS); };
  const estimate = async () => {
    try {
      replace(prices, price(await askAll(WITHIN.map((blocks) => ["estimate", { blocks }]))));
    } catch (error) {
      replace(prices, quiet(error.message));
    }
  };
  let told = false;
  page.during(on("mempool", ({ joined, left, ...rest }) => {
    told = true;
    pool = { ...pool, ...rest };
    joined?.forEach((id) => ids.add(id));
    left?.forEach((id) => ids.delete(id));
    soon();
  }));
  page.during(on("heads", estimate));
  // Where nothing is told of the mempool, it is asked for.
  page.during(on("status", async () => {
    if (told) return;
    try {
      pool = await ask("mempool");
      ids = new Set(pool.ids);
      soon();
    } catch {
      // The state at the top says it.
    }
  }));
  page.during(() => clearTimeout(drawn));
  draw();
  await estimate();
  return ["Mempool", tiles, card("What to pay", prices,
    quiet("What waits now is outbid as far as it must be; what others will still send is not known.")),
  card("Waiting", list)];
}
