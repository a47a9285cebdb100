// Collections of unique items, and one of them.
import { card, facts, h, quiet, said } from "./dom.js";
import { rights } from "./asset.js";
import { count, height, short, to, whole } from "./format.js";
import { ask } from "./rpc.js";

async function collection(id) {
  const { at, issuer, name, cap, metadata_bytes, rights: held, items } = await ask("collection", { id });
  const input = h("input", { id: "number", inputmode: "numeric", pattern: "[0-9]{1,20}", required: true });
  const open = (event) => {
    event.preventDefault();
    location.hash = `#/item/${id}/${input.value}`;
  };
  return [`Collection ${short(id)}`,
    card(null, h("p", { class: "balance" }, said(name)),
      quiet("The name is its issuer's word, and not unique: the id is."),
      facts(["Id", whole(id)], ["Issuer", to("account", issuer)],
        ["Items", [count(items), " after block ", height(at.height)]],
        ["At most", cap === null ? "no cap" : count(cap)],
        ["Metadata", `at most ${count(metadata_bytes)} bytes an item`],
        ["What may be done", rights(held)])),
    card("One of its items", h("form", { class: "row", onsubmit: open },
      h("label", { for: "number" }, "Number"), input, h("button", {}, "Show it")))];
}

async function item(id, text) {
  // A number of 64 bits may be more than JavaScript counts: it is sent as it was written.
  const number = Number(text);
  if (!/^\d{1,20}$/.test(text ?? "")) throw new Error("An item is named by its collection and a number.");
  if (!Number.isSafeInteger(number)) throw new Error("This page shows items up to number 9007199254740991.");
  const { at, owner, content, metadata } = await ask("item", { collection: id, number });
  return [`Item ${count(text)} of ${short(id)}`, card(null,
    facts(["Owner", [to("account", owner), " after block ", height(at.height)]],
      ["Collection", to("collection", id)], ["Number", count(text)], ["Stands for", whole(content)],
      ["Metadata", metadata ? said(metadata) : "none"]),
    quiet("The metadata is a stranger's words."))];
}

export const view = ([id, number], _, name) => (name === "item" ? item(id, number) : collection(id));
