// Numbers, times, ids and links as people read them.
import { h } from "./dom.js";

/** A whole number in groups of three. */
export const count = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** A decimal number with at most so many digits behind the point. */
export const decimal = (value, digits = 1) => (Number.isFinite(value)
  ? count(value.toFixed(digits).replace(/\.?0+$/, digits ? "" : "$&")) : "–");

/** An amount, given as text in its smallest unit, with its decimals behind the point. */
export function amount(text, decimals = 0) {
  const digits = BigInt(text).toString().padStart(decimals + 1, "0");
  const whole = count(digits.slice(0, digits.length - decimals));
  const rest = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return decimals && rest ? `${whole}.${rest}` : whole;
}

export function bytes(value) {
  const [unit, size] = value < 1024 ? ["bytes", value]
    : value < 1048576 ? ["KiB", value / 1024] : ["MiB", value / 1048576];
  return `${decimal(size)}\u00a0${unit}`;
}

export function seconds(ms) {
  if (!Number.isFinite(ms)) return "–";
  if (ms < 1000) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 120000) return `${decimal(ms / 1000, ms < 10000 ? 1 : 0)}\u00a0s`;
  return ms < 7200000 ? `${Math.round(ms / 60000)}\u00a0min` : `${decimal(ms / 3600000)}\u00a0h`;
}

function ago(ms) {
  const age = Date.now() - ms;
  if (age < -2000) return `in ${seconds(-age)}`;
  if (age < 1000) return "just now";
  if (age < 172800000) return `${seconds(Math.floor(age / 1000) * 1000)} ago`;
  return `${Math.floor(age / 86400000)} days ago`;
}

const dated = (ms) => {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? null : date;
};

/** How long ago; the page keeps it true. */
export function age(ms) {
  const date = dated(ms);
  if (!date) return `${count(ms)} ms`;
  return h("time", { datetime: date.toISOString(), "data-ms": ms, title: date.toString() }, ago(ms));
}

export function moment(ms) {
  const date = dated(ms);
  return date ? h("time", { datetime: date.toISOString() },
    `${date.toISOString().replace("T", " ").replace("Z", "")} UTC`) : `${count(ms)} ms`;
}

/** Keeps every age on the page true. */
export function keepAges() {
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ms]")) {
      const text = ago(Number(time.dataset.ms));
      if (time.textContent !== text) time.textContent = text;
    }
  }, 1000);
}

/** The ends of a long id; the whole is the tooltip and what is copied. */
export const short = (id) => (id.length > 20 ? `${id.slice(0, id.startsWith("iso1") ? 10 : 8)}…${id.slice(-6)}` : id);

const link = (path, text, id) =>
  h("a", { href: `#/${path}`, class: "id", title: id, "aria-label": null }, text);

/** A link to a block, transaction, account, asset, collection or lock, by its short id. */
export const to = (kind, id, text = short(id)) => link(`${kind}/${encodeURIComponent(id)}`, text, id);

export const height = (value) => link(`block/${value}`, count(value), null);

/** A whole id, which breaks where it must, and a button that copies it. */
export function whole(id) {
  const copy = async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(id);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  return h("span", { class: "whole" }, h("code", {}, id), " ",
    h("button", { type: "button", class: "small", onclick: copy, "aria-label": `Copy ${short(id)}` }, "Copy"));
}

/** A sentence in which addresses become links, and long ids short ones. */
export function linked(text) {
  const parts = text.split(/(iso1[a-z0-9]{58}|\b[0-9a-f]{64}\b)/);
  return parts.map((part, at) => {
    if (at % 2 === 0) return part;
    return part.startsWith("iso1") ? to("account", part) : to("find", part);
  });
}
