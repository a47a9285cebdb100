// The frame around every page: which page, keys, theme, access, and how the node is.
import { card, failure, h, quiet, replace } from "./dom.js";
import { count, keepAges } from "./format.js";
import { now, on, start } from "./live.js";
import * as tip from "./tip.js";

/** Pages by the first word of the address; all but the first are fetched when they are first shown. */
const PAGES = {
  "": () => tip,
  block: () => import("./block.js"),
  transaction: () => import("./transaction.js"),
  account: () => import("./account.js"),
  asset: () => import("./asset.js"),
  collection: () => import("./item.js"),
  item: () => import("./item.js"),
  lock: () => import("./lock.js"),
  mempool: () => import("./mempool.js"),
  peers: () => import("./peers.js"),
  forks: () => import("./forks.js"),
  charts: () => import("./charts.js"),
  proofs: () => import("./proofs.js"),
  find: () => import("./find.js"),
};

const main = document.getElementById("main");
const query = document.getElementById("query");
let leave = [];
let shown = 0;

function path() {
  try {
    return location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return ["nowhere"];
  }
}

function current(name) {
  for (const link of document.querySelectorAll("nav a")) {
    const is = link.getAttribute("href") === `#/${name}`;
    if (is) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Shows the page of the address. A page gives its title and its elements; what it hands to `during`
 * is called when it is left. */
async function show(focus) {
  const turn = (shown += 1);
  leave.splice(0).forEach((end) => end());
  const [name, ...rest] = path();
  current(name);
  const ends = [];
  const page = { during: (end) => (turn === shown ? ends.push(end) : end()) };
  let title = "Not here";
  let nodes = [];
  try {
    if (!Object.hasOwn(PAGES, name)) throw new Error("There is no such page. Search for what you want above.");
    const { view } = await PAGES[name]();
    [title, ...nodes] = await view(rest, page, name);
  } catch (error) {
    nodes = [failure(error, () => show(true))];
  }
  if (turn !== shown) return ends.forEach((end) => end());
  leave = ends;
  const heading = h("h1", { tabindex: -1 }, title);
  replace(main, heading, nodes);
  document.title = `${title} · ${now.status?.name ?? "Isonomy"}`;
  main.dataset.page = name;
  if (focus) {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
  return undefined;
}

function search() {
  document.getElementById("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = query.value.trim();
    if (text) location.hash = `#/find/${encodeURIComponent(text)}`;
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
      query.select();
    }
    if (event.key === "Escape" && event.target === query) main.focus();
  });
  const skip = document.getElementById("skip");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
}

const THEMES = { system: "light", light: "dark", dark: "system" };

function theme() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const name = () => root.dataset.theme ?? "system";
  const label = () => {
    button.textContent = { system: "◐ Auto", light: "○ Light", dark: "● Dark" }[name()];
    button.setAttribute("aria-label", `Theme: ${name()}. Change to ${THEMES[name()]}`);
  };
  button.addEventListener("click", () => {
    const next = THEMES[name()];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Then it lasts as long as the page.
    }
    label();
  });
  label();
}

const WAYS = {
  starting: ["◌", "Starting …"],
  live: ["●", "Live"],
  polling: ["◑", "Asking every 2 s"],
  lost: ["✕", "No answer"],
};

function state() {
  const [sign, words] = WAYS[now.way];
  const { status } = now;
  const behind = status?.catching_up && now.way !== "lost" ? `, ${count(Math.max(0, Number(status.target) - Number(status.height)))} behind` : "";
  const text = `${sign} ${words}${behind}`;
  const element = document.getElementById("state");
  if (element.textContent !== text) element.textContent = text;
  element.dataset.way = now.way;
  if (!status) return;
  document.getElementById("chain").textContent = status.name;
  document.getElementById("about").textContent =
    `isonomy ${status.version}, protocol ${status.protocol}${status.mining ? ", mining" : ""}`;
}

/** Asks for a token, once the node wants one. The browser shows it to this node alone. */
function access() {
  if (document.getElementById("access")) return;
  const input = h("input", { id: "token", type: "password", required: true, autocomplete: "off" });
  const keep = (event) => {
    event.preventDefault();
    document.cookie = `isonomy_token=${encodeURIComponent(input.value)}; path=/; samesite=strict`;
    location.reload();
  };
  const form = h("form", { onsubmit: keep, class: "row" },
    h("label", { for: "token" }, "Token"), input, h("button", {}, "Use it"));
  const note = quiet("It is kept until the browser is closed, and shown to this node alone. The node's ",
    "owner finds one in the file rpc.cookie of the node's directory.");
  const box = card("Access", form, note);
  box.id = "access";
  main.before(box);
}

addEventListener("token-needed", access);
addEventListener("hashchange", () => show(true));
["way", "status", "heads"].forEach((topic) => on(topic, state));
search();
theme();
keepAges();
await start();
await show(false);
