// How the chain went: throughput, block interval, fees, reorganisations.
import { card, h, quiet, replace, s, table } from "./dom.js";
import { amount, count, decimal, height, seconds } from "./format.js";
import { now, on } from "./live.js";
import { recent } from "./series.js";

const WIDTH = 640, HEIGHT = 170, LEFT = 52, BOTTOM = 22, TOP = 8;
/** Blocks over which a rate is taken. */
const SMOOTHED = 5;
const SPANS = [50, 100, 200, 500];

/** A round number not below this one, so that the scale reads well. */
function rounded(most) {
  const power = 10 ** Math.floor(Math.log10(most || 1));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

/** Bars by height, with a line at their mean. `values` are numbers; `say` writes one. */
function bars(label, rows, values, say) {
  const most = rounded(values.reduce((max, value) => Math.max(max, value), 0));
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const [tall, step] = [HEIGHT - BOTTOM - TOP, (WIDTH - LEFT) / (values.length || 1)];
  const y = (value) => TOP + tall - (most ? (tall * value) / most : 0);
  const line = (value) => [
    s("path", { class: "grid-line", d: `M${LEFT} ${y(value)}H${WIDTH}` }),
    s("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, say(value)),
  ];
  const bar = (value, at) => s("rect", {
    x: LEFT + at * step + step * 0.1, y: y(value), width: Math.max(0.6, step * 0.8), height: Math.max(0, TOP + tall - y(value)), rx: Math.min(2, step / 4),
  }, s("title", {}, `Height ${rows[at].height}: ${say(value)}`));
  const edge = (at, anchor, x) => s("text", { x, y: HEIGHT - 4, "text-anchor": anchor }, `height ${count(rows[at].height)}`);
  return s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${label}: mean ${say(mean)}, most ${say(Math.max(0, ...values))}` },
    [0, most / 2, most].map(line), s("g", { class: "bars" }, values.map(bar)),
    s("path", { class: "mean", d: `M${LEFT} ${y(mean)}H${WIDTH}` }),
    rows.length ? [edge(0, "start", LEFT), edge(rows.length - 1, "end", WIDTH)] : null);
}

function figure(label, unit, rows, values, say) {
  if (values.length === 0) return card(label, quiet("No blocks yet."));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const cells = rows.map((row, at) => [height(row.height), say(values[at])]).reverse();
  return card(label, h("figure", { class: "figure" }, bars(label, rows, values, say),
    h("figcaption", { class: "quiet small-text" }, `${unit}. Mean ${say(mean)} (dashed), most ${say(Math.max(...values))}.`)),
  h("details", {}, h("summary", {}, "As a table"), table(label, ["Height", `#${label}`], cells)));
}

/** Reorganisations that were seen, by the height of the last block in common. */
function reorganisations() {
  const seen = [...now.reorganisations].reverse();
  const rows = seen.map(({ ancestor_height: at }) => ({ height: at }));
  const total = quiet(`${count(now.status?.reorgs ?? 0)} since the node began; ${count(seen.length)} since this page came.`);
  if (seen.length === 0) return card("Reorganisations", total);
  const box = figure("Reorganisations", "Blocks that left, by the height that both branches have", rows,
    seen.map(({ left }) => left.length), (value) => decimal(value, 1));
  box.append(total);
  return box;
}

function all(rows) {
  const blocks = rows.slice(1);
  const intervals = blocks.map((row, at) => Math.max(0, Number(row.time) - Number(rows[at].time)));
  // One block's interval is chance: what a chain carries shows over a few.
  const rates = blocks.map((_, at) => {
    const from = Math.max(0, at + 1 - SMOOTHED);
    const sum = (list) => list.slice(from, at + 1).reduce((all, value) => all + Number(value), 0);
    return (1000 * sum(blocks.map(({ transactions }) => transactions))) / Math.max(1, sum(intervals));
  });
  const told = blocks.every(({ fees }) => fees !== undefined);
  const fees = told
    // Drawn as numbers, which may round; the table of the node's words has all digits.
    ? figure("Fees", "Coins a block", blocks, blocks.map((row) => Number(BigInt(row.fees))), (value) => amount(BigInt(Math.round(value))))
    : card("Fees", quiet("This node does not tell the fees of its blocks."));
  return [figure("Throughput", `Transactions a second, over ${SMOOTHED} blocks each`, blocks, rates, (value) => decimal(value, 1)),
    figure("Block interval", "Time since the block before", blocks, intervals, seconds), fees, reorganisations()];
}

export async function view(_, page) {
  const box = h("div", { class: "charts" });
  let rows = [];
  let busy = false;
  const select = h("select", { id: "span" }, SPANS.map((span) => h("option", { value: span }, count(span))));
  const load = async () => {
    if (busy || !now.status) return;
    busy = true;
    try {
      rows = await recent(rows, Number(select.value));
      // A table that somebody reads stays as it is.
      if (!box.querySelector("details[open]")) replace(box, all(rows));
    } finally {
      busy = false;
    }
  };
  select.addEventListener("change", () => {
    box.querySelectorAll("details[open]").forEach((open) => { open.open = false; });
    load().catch(() => {});
  });
  ["heads", "reorganisations"].forEach((topic) => page.during(on(topic, () => load().catch(() => {}))));
  await load();
  return ["Charts", h("div", { class: "row" }, h("label", { for: "span" }, "Blocks"), select), box];
}
