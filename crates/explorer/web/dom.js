// Elements, made of text alone: what comes from the chain is a stranger's words and never markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  // A list counts as its items; null is nothing; all but elements becomes text.
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined)
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return node;
}

/** An HTML element; a property that begins with "on" is a listener. */
export const h = (tag, properties = {}, ...children) =>
  fill(document.createElement(tag), properties, children);

/** An SVG element. */
export const s = (tag, properties = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), properties, children);

/** Puts new children in place of what was there. */
export function replace(node, ...children) {
  node.replaceChildren();
  return fill(node, {}, children);
}

/** What a stranger wrote: invisible and direction-turning characters become visible ones. */
export function said(text) {
  const shown = String(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/gu, "\ufffd");
  return h("bdi", { class: "said" }, shown);
}

export const card = (title, ...children) =>
  h("section", { class: "card" }, title ? h("h2", {}, title) : null, children);

/** Names and values, one below the other; a value of null leaves its name out. */
export const facts = (...pairs) => h("dl", { class: "facts" },
  pairs.filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

export const tile = (name, value, note = null, id = null) => h("div", { class: "tile" },
  h("span", { class: "tile-name" }, name), h("strong", { class: "tile-value", id }, value),
  note === null ? null : h("span", { class: "tile-note" }, note));

/** A table that scrolls by itself when it is wider than the page, and by keyboard too. `columns`: a name,
 * or with "#" before it a name whose column holds numbers. */
export function table(caption, columns, rows) {
  const numeric = columns.map((name) => name.startsWith("#"));
  const head = columns.map((name, at) =>
    h("th", { scope: "col", class: numeric[at] ? "number" : null }, name.replace("#", "")));
  const row = (cells) => h("tr", {}, cells.map((cell, at) =>
    h("td", { class: numeric[at] ? "number" : null }, cell)));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "hidden" }, caption), h("thead", {}, h("tr", {}, head)),
      h("tbody", {}, rows.map(row))));
}

export const quiet = (...children) => h("p", { class: "quiet" }, children);

/** A mark that a sign and a word carry, and colour only repeats. */
export const mark = (kind, text) => {
  const sign = { good: "✓", bad: "✕", wait: "◷", off: "◌", plain: "•" }[kind];
  return h("span", { class: `mark ${kind}` }, h("span", { "aria-hidden": "true" }, sign), ` ${text}`);
};

/** A failure in plain words, with the way on. */
export function failure(error, again = null) {
  const retry = again && h("button", { type: "button", onclick: again }, "Try again");
  return h("div", { class: "card failure", role: "alert" },
    h("h2", {}, "This did not work"), h("p", {}, error.message), retry);
}

/** A list in pages: `load(cursor)` gives rows and the next cursor, `show(rows)` an element. */
export function pages(load, show, none) {
  const [list, end] = [h("div", {}), h("div", {})];
  let rows = [];
  const more = async (cursor) => {
    replace(end, quiet("Loading …"));
    try {
      const page = await load(cursor);
      rows = rows.concat(page.rows);
      const { next } = page;
      replace(list, rows.length ? show(rows) : next ? null : quiet(none));
      const on = next === null || next === undefined ? null
        : h("button", { type: "button", onclick: () => more(next) }, "Show more");
      replace(end, on);
    } catch (error) {
      replace(end, quiet(error.message));
    }
  };
  more(undefined);
  return h("div", {}, list, end);
}
