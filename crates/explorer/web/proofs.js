// Proofs of what a state holds: made by the node, checked in this page, which believes nobody.
import { card, failure, h, mark, quiet, replace } from "./dom.js";
import { address } from "./bytes.js";
import { assetsOf } from "./asset.js";
import { amount, count, short, to, whole } from "./format.js";
import { balance, balanceKey, checkProof, headerId, proofText, readProof, TEXT_BYTES_MAX } from "./proof.js";
import { ask } from "./rpc.js";

/** How often a chain may move between two questions. */
const TRIES = 3;

const step = (kind, ...words) => h("li", { class: kind }, h("span", { class: "sign", "aria-hidden": "true" },
  { good: "✓", bad: "✕", open: "?" }[kind]), h("div", {}, h("span", { class: "hidden" },
  { good: "Holds: ", bad: "Fails: ", open: "Open: " }[kind]), words));

async function balances(pairs) {
  const found = pairs.map((pair) => ({ pair, is: balance(pair) }));
  const [named] = [await assetsOf(found.map(({ is }) => is?.asset).filter(Boolean)).catch(() => [])];
  let at = 0;
  return found.map(({ pair, is }) => {
    if (!is) {
      const what = pair.value === null ? "nothing" : `${pair.value.length / 2} bytes`;
      return h("p", {}, "Under the key ", h("code", {}, short(pair.key)), ` the state holds ${what}.`);
    }
    const asset = is.asset === null ? null : named[at++];
    const unit = is.asset === null ? "coins" : ["units of ", to("asset", is.asset), " ", asset?.name ?? ""];
    return h("p", {}, to("account", is.account), " holds ", h("strong", {}, amount(is.amount, asset?.decimals ?? 0)), " ", unit, ".");
  });
}

/** What a proof rests on: the id, compared with what the reader knows and with what this node says. */
async function rests(id, known) {
  if (known) {
    return known === id ? step("good", "The block is the one that you named.")
      : step("bad", "The block is not the one that you named: ", whole(known), ".");
  }
  let says;
  try {
    const { best, confirmations } = await ask("header", { id });
    says = best ? `This node says that it is on its best branch, ${count(confirmations)} deep`
      : "This node knows it, and says that it is off its best branch";
  } catch (error) {
    says = error.missing ? "This node does not know it" : "This node does not answer";
  }
  return step("open", `Whether that block is in the chain is not proved here. ${says}: compare its id with one that you trust, from your own node, or from somebody who has no part in this.`);
}

/** Checks the text of a proof, step by step, into `out`. */
async function check(text, known, out) {
  replace(out, quiet("Checking …"));
  let proof;
  try {
    proof = readProof(text);
  } catch (error) {
    replace(out, failure(error));
    return;
  }
  const steps = [];
  try {
    const id = headerId(proof.header);
    steps.push(step("good", `The header of height ${count(proof.header.height)} hashes to the block `, whole(id), "."));
    checkProof(proof);
    steps.push(step("good", "The proof leads from these values to the header's state root ", whole(proof.header.state_root), "."));
    const what = await balances(proof.pairs);
    steps.push(step("good", "So after that block:", what));
    steps.push(await rests(id, known));
  } catch (error) {
    steps.push(step("bad", `The proof is wrong: ${error.message}. Do not believe it.`));
  }
  const verdict = steps.some((one) => one.className === "bad") ? "bad" : "good";
  const words = verdict === "bad" ? "It does not hold" : known ? "It holds, for the block that you named"
    : "It holds, if its block is in the chain";
  replace(out, h("p", { class: "verdict" }, mark(verdict, words)), h("ol", { class: "steps", id: "verdict", "data-verdict": verdict }, steps));
}

/** A proof of what an account has of an asset (null: the coin) now, out of the node's hands. */
async function made(account, asset) {
  const keys = [balanceKey(account, asset)];
  for (let tries = TRIES; ; tries -= 1) {
    const { height: at } = await ask("status");
    const { header, id } = await ask("header", { height: at });
    const reply = await ask("prove", { keys, height: at });
    if (reply.at.block === id) return proofText(header, keys, reply);
    if (tries <= 1) throw new Error("The chain moved while the proof was made. Try again.");
  }
}

function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  return h("a", { href: url, download: name, id: "download" }, "Download the proof");
}

async function of(account, asset, page) {
  address(account);
  const out = h("div", { role: "status" });
  const [tools, bytes] = [h("div", { class: "row" }), h("details")];
  const make = async () => {
    replace(out, quiet("Asking the node for a proof …"));
    try {
      const text = await made(account, asset);
      const link = download(text, `proof-${account.slice(0, 12)}.json`);
      page.during(() => URL.revokeObjectURL(link.href));
      replace(tools, link, h("button", { type: "button", onclick: make }, "Make it anew"));
      replace(bytes, h("summary", {}, "The proof itself"), h("pre", { class: "scroll", tabindex: 0, id: "proof-text" }, text));
      await check(text, null, out);
    } catch (error) {
      replace(out, failure(error, make));
    }
  };
  await make();
  return [`Proof for ${short(account)}`, card("What is proved", out, tools, bytes),
    quiet("Anybody can check the file, here or with ", h("code", {}, "isonomy proof check FILE --block ID"), ".")];
}

/** Checks a proof that somebody gave. */
function given() {
  const out = h("div", { role: "status" });
  const file = h("input", { id: "file", type: "file", accept: ".json,application/json" });
  const text = h("textarea", { id: "text", spellcheck: "false" });
  const known = h("input", { id: "known", maxlength: 64, autocomplete: "off", spellcheck: "false", class: "mono" });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > TEXT_BYTES_MAX) replace(out, failure(new Error("This file is too large for a proof.")));
    else text.value = await chosen.text();
  });
  const submit = (event) => {
    event.preventDefault();
    const id = known.value.trim();
    if (id && !/^[0-9a-f]{64}$/.test(id)) replace(out, failure(new Error("A block's id has 64 digits, 0 to 9 and a to f.")));
    else check(text.value, id || null, out);
  };
  const labelled = (name, label, input) => h("div", {}, h("label", { for: name }, label), input);
  return card("Check a proof", h("form", { class: "card-form", onsubmit: submit },
    labelled("file", "A proof's file", file), labelled("text", "or its text", text),
    labelled("known", "The id of the block that you trust, if you know it", known),
    h("div", {}, h("button", { class: "main" }, "Check it"))), out);
}

function wanted() {
  const input = h("input", { id: "whose", required: true, autocomplete: "off", spellcheck: "false", placeholder: "iso1…" });
  const submit = (event) => {
    event.preventDefault();
    location.hash = `#/proofs/${encodeURIComponent(input.value.trim())}`;
  };
  return card("Have a balance proved", h("form", { class: "row", onsubmit: submit },
    h("label", { for: "whose" }, "Account"), input, h("button", { class: "main" }, "Prove it")));
}

export async function view([account, asset], page) {
  if (account) return of(account, asset ?? null, page);
  return ["Proofs", h("p", { class: "quiet" }, "A proof shows what an account holds after a block, to anybody who knows the block's id. ",
    "It is checked in this page, with the page's own BLAKE3: the node is not asked whether it is true."),
  wanted(), given()];
}
