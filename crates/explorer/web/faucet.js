// Coins for a test network, where its node names somebody who gives them away.
import { h, replace } from "./dom.js";
import { linked } from "./format.js";
import { now } from "./live.js";

/** Another server than the node: this page may ask it only if the node's headers allow it. */
async function give(url, address) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ address }),
  });
  const text = (await response.text()).trim().slice(0, 300);
  if (!response.ok) throw new Error(text || `it answered with HTTP status ${response.status}`);
  const id = /[0-9a-f]{64}/.exec(text)?.[0];
  return id ? ["On its way: ", linked(id)] : ["On its way."];
}

/** A button that asks for coins for an address; nothing where there is no faucet. */
export function faucet(address) {
  const url = now.status?.faucet;
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) return null;
  const told = h("span", { role: "status" });
  const click = async ({ currentTarget: button }) => {
    button.disabled = true;
    replace(told, "Asking …");
    try {
      replace(told, ...await give(url, address));
    } catch (error) {
      const why = error instanceof TypeError ? `the faucet at ${url} cannot be reached from this page` : error.message;
      replace(told, `No coins came: ${why}.`);
    }
    button.disabled = false;
  };
  return [h("button", { type: "button", class: "small", onclick: click }, "Ask the faucet for coins"), told];
}
