// Search: the node is asked what a text may be; one that cannot tell is asked for each thing it may be.
import { card, failure, h, quiet, said } from "./dom.js";
import { address } from "./bytes.js";
import { count, short } from "./format.js";
import { ask, askAll, askIf } from "./rpc.js";

const KINDS = ["block", "transaction", "asset", "collection", "lock"];
const PAGES = { ...Object.fromEntries(KINDS.map((kind) => [kind, kind])), account: "account", item: "item" };

/** Where a result leads. */
function path({ kind, id, height, number }) {
  if (kind === "item") {
    const [collection, place] = typeof id === "object" ? [id.collection, id.number] : [...String(id).split(/[:/#]/), number];
    return `item/${collection}/${place}`;
  }
  return `${PAGES[kind]}/${kind === "block" ? id ?? height : id}`;
}

/** What a text may be, by its looks alone. Throws when it looks like a mistyped address. */
async function guess(text) {
  if (/^[\d\s.,]+$/.test(text)) {
    const height = Number(text.replace(/\D/g, ""));
    const { id } = await ask("header", { height });
    return [{ kind: "block", id, height }];
  }
  if (text.startsWith("iso1") || text.toLowerCase().startsWith("iso1")) {
    address(text);
    return [{ kind: "account", id: text }];
  }
  const id = text.toLowerCase().replace(/^0x/, "");
  if (!/^[0-9a-f]{64}$/.test(id)) return [];
  const answers = await askAll(KINDS.map((kind) => [kind === "block" ? "header" : kind, { id }]));
  return answers.flatMap((answer, at) => (answer instanceof Error ? [] : [{ kind: KINDS[at], id }]));
}

async function find(text) {
  // A typing error is said here, before anybody is asked.
  if (/^iso1/i.test(text)) return guess(text);
  const found = await askIf("find", { text });
  const list = Array.isArray(found) ? found : found?.found;
  return list?.length ? list.filter(({ kind }) => PAGES[kind]) : guess(text);
}

const help = () => card("What can be searched for", h("ul", {},
  ["A height, like 1204.", "The 64 digits of a block, a transaction, an asset, a collection or a lock.",
    "An address, which begins with iso1.", "The name of an asset or a collection, where the node looks for names."]
    .map((line) => h("li", {}, line))));

export async function view(parts) {
  const text = parts.join("/").trim();
  if (!text) return ["Search", help()];
  let found;
  try {
    found = await find(text);
  } catch (error) {
    return ["Search", failure(error), help()];
  }
  if (found.length === 1) {
    location.replace(`#/${path(found[0])}`);
    return ["Found", quiet("Opening it …")];
  }
  if (found.length === 0) {
    return ["Not found", card(null, h("p", {}, "This node knows nothing called ", said(text), "."),
      quiet("It may have a typing error, be on another chain, or not have arrived here yet.")), help()];
  }
  const items = found.map((one) => h("li", {}, h("a", { href: `#/${path(one)}` },
    `${one.kind} ${typeof one.id === "object" ? `${one.id.number} of ${short(one.id.collection)}` : short(String(one.id))}`),
  one.height === undefined || one.height === null ? null : ` at height ${count(one.height)}`,
  one.label ? [" ", said(one.label)] : null));
  return [`${found.length} results`, card(null, h("p", {}, "For ", said(text), ":"), h("ul", { class: "results" }, items))];
}
