// One transaction: what it does, in plain words, and what it came to.
import { card, facts, h, mark, quiet, table } from "./dom.js";
import { checkedHere } from "./block.js";
import { amount, count, height, linked, short, to, whole } from "./format.js";
import { on } from "./live.js";
import { transactionId } from "./proof.js";
import { ask } from "./rpc.js";

function standing({ status, receipt }) {
  if (status === "waiting") return mark("wait", "waits in this node's mempool");
  const deep = `${count(status.confirmed.confirmations)} deep`;
  if (receipt?.code) return mark("bad", `failed with code ${receipt.code}, ${deep}: only the fee was paid`);
  return mark("good", `done, ${deep}`);
}

/** Words come from the node, which knows the chain's modules; without them what is there is shown. */
function deeds({ words, transaction }) {
  const { signers, actions } = transaction.intent;
  if (actions.length === 0) return quiet("Nothing but to spend turns, which cancels what waited for them.");
  const items = actions.map(({ module, by, payload }, at) => {
    const signer = signers[by] ? to("account", signers[by].account) : "nobody";
    const spoken = words?.[at] !== undefined ? linked(String(words[at]))
      : `call module ${module} with ${payload.length / 2} bytes, which this node does not put in words`;
    return h("li", {}, h("span", { class: "deed" }, signer, " shall ", spoken));
  });
  const together = actions.length > 1 ? quiet("All of this, in this order, or nothing of it.") : null;
  return [h("ol", { class: "deeds" }, items), together];
}

function came({ code, meter, fee, events }) {
  const cells = events.map(({ module, keys, payload }) =>
    [`module ${module}`, keys.map((key) => h("div", {}, h("code", {}, short(key)))), h("code", {}, short(payload))]);
  return card("What it came to",
    facts(["Result", code ? mark("bad", `failed, code ${code}`) : mark("good", "took effect")],
      ["Fee charged", `${amount(fee)} coins`], ["Work", `${count(meter)} meter units`]),
    events.length ? table("Events", ["Event of", "Keys", "Payload"], cells) : quiet("No events."));
}

function raw({ intent, witnesses }) {
  const actions = intent.actions.map(({ module, payload }, at) =>
    [count(at), count(module), payload ? whole(payload) : "empty"]);
  return h("details", { class: "card" }, h("summary", {}, "Its bytes and signatures"),
    table("Payloads", ["Action", "Module", "Payload"], actions),
    table("Witnesses", ["Signer", "Policy", "Signatures"], witnesses.map(({ policy, signatures }, at) => [
      intent.signers[at] ? to("account", intent.signers[at].account) : count(at),
      h("code", {}, JSON.stringify(policy)),
      `${signatures.filter(Boolean).length} of ${signatures.length} places filled`,
    ])));
}

export async function view([id], page) {
  const found = await ask("transaction", { id });
  const { intent } = found.transaction;
  const place = h("span", {}, standing(found));
  const refresh = on("heads", async () => {
    try {
      const again = await ask("transaction", { id });
      place.replaceChildren(standing(again));
      // Its receipt is there now.
      if (found.status === "waiting" && again.status !== "waiting") dispatchEvent(new Event("hashchange"));
    } catch (error) {
      if (error.missing) place.replaceChildren(mark("off", "no longer waits, and is not on the best branch"));
    }
  });
  page.during(refresh);
  const at = found.status?.confirmed;
  const signers = intent.signers.map(({ account, nonce }) =>
    [to("account", account), count(nonce.lane), count(nonce.seq)]);
  return [`Transaction ${short(id)}`,
    card("What it does", deeds(found)),
    card(null, facts(
      ["Id", whole(found.id)],
      ["Checked", checkedHere(() => transactionId(intent), found.id)],
      ["Standing", place],
      ["Block", at ? ["height ", height(at.height), `, place ${at.index}`] : null],
      ["Valid until", ["height ", count(intent.expires)]],
      ["Most it may cost", `${amount(BigInt(intent.meter_limit) * BigInt(intent.price))} coins: ${count(intent.meter_limit)} meter units at ${count(intent.price)} each`],
    ), table("Signers; the first one pays", ["Signer", "#Lane", "#Turn"], signers)),
    found.receipt ? came(found.receipt) : null,
    raw(found.transaction)];
}
