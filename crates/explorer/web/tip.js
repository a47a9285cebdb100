// Where the chain is, as it grows.
import { card, h, mark, quiet, replace, s, table, tile } from "./dom.js";
import { age, amount, bytes, count, decimal, height as heightLink, seconds, to } from "./format.js";
import { now, on } from "./live.js";
import { recent, summary } from "./series.js";

/** Blocks that are shown, and over which means are taken. */
const BLOCKS = 24;
/** Rows of the table. */
const ROWS = 10;

function hero(status) {
  const behind = status.catching_up
    ? mark("wait", `catching up to ${count(status.target)}`) : mark("good", "up to date");
  return h("div", { class: "hero" },
    h("div", {}, h("span", { class: "tile-name" }, "Height"),
      h("strong", { class: "height", id: "height" }, count(status.height))),
    h("div", { class: "hero-facts" },
      h("p", {}, "Best block ", to("block", status.tip), ", made ", age(status.time)),
      h("p", {}, behind, " ", status.mining ? mark("plain", "this node makes blocks") : null)));
}

function tiles(status, rows) {
  const { perSecond, interval, fees } = summary(rows);
  const over = `over ${rows.length} blocks`;
  return h("div", { class: "tiles" },
    tile("Transactions a second", decimal(perSecond, 2), over),
    tile("Block interval", seconds(interval), `mean ${over}`),
    tile("Waiting", h("a", { href: "#/mempool" }, count(status.mempool)), "transactions"),
    tile("Peers", h("a", { href: "#/peers" }, count(status.peers)), "hands shaken"),
    tile("Reorganisations", h("a", { href: "#/forks" }, count(status.reorgs)), "since the node began"),
    fees === null ? null : tile("Fees", amount(fees), over));
}

/** The last blocks as links of a chain: how full each is beside the fullest. */
function chain(rows) {
  const most = rows.reduce((max, row) => Math.max(max, Number(row.transactions)), 1);
  const step = 40;
  const width = rows.length * step;
  const blocks = rows.map((row, at) => {
    const full = Math.round(24 * Number(row.transactions) / most);
    const x = at * step + 4;
    return s("a", { href: `#/block/${row.height}`, class: "cube", "aria-label": `Block ${row.height}, ${row.transactions} transactions` },
      s("title", {}, `Block ${row.height}: ${row.transactions} transactions`),
      at > 0 ? s("path", { class: "bond", d: `M${x - 10} 24h10` }) : null,
      s("rect", { class: "cube-back", x, y: 10, width: 30, height: 28, rx: 7 }),
      full ? s("rect", { class: "cube-full", x: x + 2, y: 36 - full, width: 26, height: full, rx: 5 }) : null);
  });
  return h("div", { class: "scroll chain-strip", tabindex: 0, role: "group", "aria-label": `The last ${rows.length} blocks, the youngest at the right` },
    s("svg", { width, height: 48, viewBox: `0 0 ${width} 48` }, blocks));
}

function list(rows) {
  const cells = rows.slice(-ROWS).reverse().map((row) => [
    heightLink(row.height), age(row.time), count(row.transactions),
    row.fees === undefined ? "–" : amount(row.fees), row.size === null ? "–" : bytes(Number(row.size)),
  ]);
  return table("The last blocks", ["Height", "Made", "#Transactions", "#Fees", "#Size"], cells);
}

export async function view(_, page) {
  const [top, middle, strip, last] = ["div", "div", "div", "div"].map((tag) => h(tag));
  const news = h("p", { class: "hidden", "aria-live": "polite", id: "news" });
  let rows = [];
  const blocks = card("Last blocks", strip, last);
  const draw = () => {
    blocks.hidden = rows.length === 0;
    const { status } = now;
    if (!status) {
      replace(top, quiet("The node does not answer yet. This page goes on by itself as soon as it does."));
      return;
    }
    replace(top, hero(status));
    replace(middle, tiles(status, rows));
    const { scrollLeft } = strip.firstChild ?? {};
    const focused = document.activeElement?.closest?.(".cube")?.getAttribute("href");
    replace(strip, rows.length ? chain(rows) : null);
    replace(last, rows.length ? list(rows) : null);
    const toEnd = () => { if (strip.firstChild) strip.firstChild.scrollLeft = scrollLeft || strip.firstChild.scrollWidth; };
    // What is not on the page yet cannot scroll.
    if (strip.isConnected) toEnd();
    else setTimeout(toEnd);
    if (focused) strip.querySelector(`.cube[href="${focused}"]`)?.focus();
  };
  const load = async () => {
    if (now.status) rows = await recent(rows, BLOCKS);
    draw();
  };
  let busy = null;
  let again = false;
  const follow = async () => {
    again = true;
    if (busy) return;
    while (again) {
      again = false;
      busy = load().catch(() => draw());
      await busy;
    }
    busy = null;
  };
  let told = 0;
  page.during(on("heads", (head) => {
    follow();
    // Spoken at most every ten seconds: a fast chain would never let its listener be.
    if (Date.now() - told < 10000) return;
    told = Date.now();
    replace(news, `Height ${head.height}`);
  }));
  page.during(on("status", (status) => (status.tip === rows.at(-1)?.id || !busy ? draw() : null)));
  page.during(on("mempool", (pool) => {
    if (now.status) now.status.mempool = pool.transactions;
  }));
  await follow();
  return ["Chain", top, middle, blocks, news];
}
