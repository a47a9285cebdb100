// Branches, and reorganisations as they happen.
import { card, h, mark, quiet, replace, s, table } from "./dom.js";
import { age, count, height, short, to } from "./format.js";
import { now, on } from "./live.js";
import { askAll, askIf } from "./rpc.js";

/** Heights that are drawn. */
const DEPTH = 24;
const STEP = 58, LANE = 46, TOP = 30, R = 15;

/** Headers of all leaves, from the node; else the best branch, and what was seen since the page came. */
async function known() {
  const told = await askIf("branches", { depth: DEPTH });
  if (told) return { blocks: told.branches ?? told, told: true };
  const tip = Number(now.status.height);
  const from = Math.max(0, tip - DEPTH + 1);
  const heights = Array.from({ length: tip - from + 1 }, (_, at) => from + at);
  const headers = (await askAll(heights.map((at) => ["header", { height: at }]))).filter((one) => one?.header);
  const best = headers.map(({ id, header }) => ({ id, parent: header.parent, height: header.height, time: header.time, best: true }));
  return { blocks: best, told: false };
}

/** What the node told and what was seen, each block once, of the heights that are drawn. The node's word
 * on what is best is younger than what was seen. */
function merged(blocks) {
  const all = new Map([...now.blocks.values()].map((block) => [block.id, { ...block, best: false }]));
  blocks.forEach((block) => all.set(block.id, block));
  const list = [...all.values()];
  const tip = list.reduce((most, { height: at }) => Math.max(most, at), 0);
  return list.filter(({ height: at }) => at > tip - DEPTH).sort((one, other) => one.height - other.height || (other.best - one.best));
}

/** Lane 0 is the best branch; another branch takes the first lane that is free from its fork to its end. */
function lanes(blocks) {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const parents = new Set(blocks.map(({ parent }) => parent));
  const placed = new Map(blocks.filter(({ best }) => best).map(({ id }) => [id, 0]));
  const taken = [];
  const leaves = blocks.filter(({ id, best }) => !best && !parents.has(id));
  for (const leaf of leaves.sort((one, other) => other.height - one.height)) {
    const branch = [];
    for (let block = leaf; block && !placed.has(block.id); block = byId.get(block.parent)) branch.push(block);
    const from = (branch.at(-1) ?? leaf).height - 1;
    const free = (lane) => (taken[lane] ?? []).every(([low, high]) => from > high || leaf.height < low);
    let lane = 1;
    while (!free(lane)) lane += 1;
    (taken[lane] ??= []).push([from, leaf.height]);
    branch.forEach(({ id }) => placed.set(id, lane));
  }
  return placed;
}

function picture(blocks) {
  const placed = lanes(blocks);
  const [low, high] = [blocks[0].height, blocks.at(-1).height];
  const rows = Math.max(...placed.values()) + 1;
  const [width, tall] = [(high - low) * STEP + 80, TOP + rows * LANE + 12];
  const x = (block) => (block.height - low) * STEP + 40;
  const y = (block) => TOP + placed.get(block.id) * LANE + 18;
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const off = (block) => (block.best ? "" : " off");
  const edge = (block) => {
    const parent = byId.get(block.parent);
    if (!parent) return null;
    const [x1, y1, x2, y2] = [x(parent), y(parent), x(block), y(block)];
    const bend = y1 === y2 ? `L${x2} ${y2}` : `C${x1 + STEP / 2} ${y1} ${x2 - STEP / 2} ${y2} ${x2} ${y2}`;
    return s("path", { class: `edge${off(block)}`, d: `M${x1} ${y1}${bend}` });
  };
  const node = (block) => s("a", { href: `#/block/${block.id}`, "aria-label": `Block ${short(block.id)} at height ${block.height}, ${block.best ? "on" : "off"} the best branch` },
    s("title", {}, `${short(block.id)} at height ${block.height}`),
    s("rect", { class: `node${off(block)}`, x: x(block) - R - 4, y: y(block) - R, width: 2 * R + 8, height: 2 * R, rx: 9 }),
    s("text", { class: `inside${off(block)}`, x: x(block), y: y(block) + 0.5 }, block.id.slice(0, 4)));
  const scale = Array.from({ length: high - low + 1 }, (_, at) =>
    s("text", { x: at * STEP + 40, y: 14 }, count(low + at)));
  return h("div", { class: "scroll forks", tabindex: 0, role: "group", "aria-label": "Branches, the youngest at the right" },
    s("svg", { width, height: tall, viewBox: `0 0 ${width} ${tall}` }, scale, blocks.map(edge), blocks.map(node)));
}

/** The same in words: each end of a branch, and where it left. */
function ends(blocks) {
  const byId = new Map(blocks.map((block) => [block.id, block]));
  const parents = new Set(blocks.map(({ parent }) => parent));
  const leaves = blocks.filter(({ id }) => !parents.has(id)).sort((one, other) => other.best - one.best || other.height - one.height);
  return table("Ends of branches", ["End", "Height", "Standing", "Leaves the best branch after"], leaves.map((leaf) => {
    let fork = leaf;
    while (fork && !fork.best) fork = byId.get(fork.parent);
    return [to("block", leaf.id), height(leaf.height),
      leaf.best ? mark("good", "best") : mark("off", `off, ${leaf.height - (fork?.height ?? leaf.height)} long`),
      leaf.best ? "–" : fork ? to("block", fork.id, `height ${count(fork.height)}`) : "further back than is drawn"];
  }));
}

function log() {
  const { reorganisations } = now;
  const total = Number(now.status?.reorgs ?? 0);
  const before = total > reorganisations.length
    ? quiet(`${count(total - reorganisations.length)} more since the node began, which this page did not see.`) : null;
  if (reorganisations.length === 0) return [quiet("None since this page came. One is shown here as it happens."), before];
  const items = reorganisations.map(({ from, to: tip, ancestor, ancestor_height: fork, left, joined, seen }) => h("li", {},
    h("strong", {}, `${count(left.length)} left, ${count(joined.length)} joined`), " after height ",
    to("block", ancestor, count(fork)), ", ", age(seen), h("br"),
    h("span", { class: "quiet" }, "best was ", to("block", from), ", now ", to("block", tip))));
  return [h("ol", { class: "log", id: "reorganisations" }, items), before];
}

export async function view(_, page) {
  const [drawing, words, happened, note] = [h("div"), h("div"), h("div"), h("div")];
  const spoken = h("p", { class: "hidden", "aria-live": "assertive", id: "spoken" });
  let at = null;
  const draw = async () => {
    const { blocks: told, told: whole } = await known();
    const blocks = merged(told);
    const old = drawing.firstChild;
    const stuck = !old || old.scrollLeft + old.clientWidth > old.scrollWidth - STEP * 2;
    const left = old?.scrollLeft ?? 0;
    const focused = drawing.contains(document.activeElement) ? document.activeElement.getAttribute("href") ?? "" : null;
    replace(drawing, blocks.length ? picture(blocks) : quiet("No blocks yet."));
    const scroll = drawing.firstChild;
    scroll.scrollLeft = stuck ? scroll.scrollWidth : left;
    if (focused !== null) (drawing.querySelector(`a[href="${focused}"]`) ?? scroll).focus({ preventScroll: true });
    replace(words, ends(blocks));
    replace(note, whole ? null : quiet("This node does not tell its branches: the best one is drawn, and what is seen while this page is open."));
    replace(happened, log());
  };
  const soon = () => { at ??= setTimeout(() => { at = null; draw().catch(() => {}); }, 300); };
  ["heads", "blocks", "status"].forEach((topic) => page.during(on(topic, soon)));
  page.during(on("reorganisations", ({ left, joined }) => {
    replace(spoken, `Reorganisation: ${left.length} blocks left, ${joined.length} joined`);
    soon();
  }));
  page.during(() => clearTimeout(at));
  await draw();
  // It can scroll once it is there.
  setTimeout(() => { if (drawing.firstChild) drawing.firstChild.scrollLeft = drawing.firstChild.scrollWidth; });
  const key = h("p", { class: "key" }, h("span", {}, "filled: the best branch, always in the first row"), h("span", {}, "hollow and dashed: off it"));
  return ["Forks", card("Branches", drawing, key, note), card("Ends of branches", words), card("Reorganisations", happened), spoken];
}
