// Who this node is connected to: a map by direction and delay, and the same as a table.
import { card, h, mark, quiet, replace, s, said, table } from "./dom.js";
import { bytes, count, short } from "./format.js";
import { on } from "./live.js";
import { ask } from "./rpc.js";

/** Milliseconds between two looks. */
const LOOK_MS = 3000;
/** Peers that fit the map; the table has all. */
const DRAWN = 48;
const HEIGHT = 500, NEAR = 105, FAR = 205;
/** A phone's map is narrow, and its letters large. */
const shape = () => (matchMedia("(max-width: 46rem)").matches
  ? { width: 420, stretch: 0.8, letters: 1.5, name: "map narrow" }
  : { width: 700, stretch: 1.35, letters: 1, name: "map" });
/** Delays, in milliseconds, at which rings stand. */
const RINGS = [1, 10, 100, 1000];

const known = (ms) => ms !== null && ms !== undefined;

/** A delay's distance from the middle: tenfold is as far again. Unknown ones stand outermost. */
function distance(ms) {
  if (!known(ms)) return FAR;
  const part = Math.log10(Math.max(1, Math.min(1000, Number(ms)))) / 3;
  return NEAR + part * (FAR - NEAR);
}

const delay = (ms) => (known(ms) ? (Number(ms) < 1 ? "< 1 ms" : `${count(ms)} ms`) : "not measured");
const inbound = ({ direction }) => direction === "inbound";

/** The wire, its arrow (towards whoever was called), and the peer. */
function drawn(peer, at, all, { width, stretch, letters }) {
  const angle = (2 * Math.PI * at) / all - Math.PI / 2;
  const [cx, cy] = [width / 2, HEIGHT / 2];
  const way = distance(peer.latency_ms);
  const point = (far) => [cx + Math.cos(angle) * far * stretch, cy + Math.sin(angle) * far];
  const [x, y] = point(way);
  const [mx, my] = point((way + 30) / 2 + (inbound(peer) ? -8 : 8));
  const turn = (Math.atan2(y - cy, x - cx) * 180) / Math.PI + (inbound(peer) ? 180 : 0);
  const state = peer.ready ? "" : " unready";
  const below = Math.sin(angle) > -0.35;
  const [first, second] = below ? [17 + 15 * letters, 17 + 29 * letters] : [-20 - 16 * letters, -20 - 2 * letters];
  const text = (class_, dy, what) => s("text", { class: class_, x, y: y + dy }, what);
  return s("g", {},
    s("title", {}, `${inbound(peer) ? "It called us" : "We called it"}, delay ${delay(peer.latency_ms)}`),
    s("path", { class: `wire${state}`, d: `M${cx} ${cy}L${x} ${y}` }),
    s("path", { class: "arrow", d: "M-7 -6L7 0L-7 6z", transform: `translate(${mx} ${my}) rotate(${turn})` }),
    s("circle", { class: `peer${state}`, cx: x, cy: y, r: 15 }),
    text("glyph", 0, inbound(peer) ? "↘" : "↗"),
    text("name behind", first, peer.key.slice(0, 6)),
    text("behind", second, known(peer.latency_ms) ? delay(peer.latency_ms) : ""));
}

function map(peers) {
  const { width, stretch, name, ...rest } = shape();
  const ring = (ms) => {
    const far = distance(ms);
    return s("ellipse", { class: "ring", cx: width / 2, cy: HEIGHT / 2, rx: far * stretch, ry: far });
  };
  return s("svg", { class: name, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `This node and ${peers.length} peers around it; the table below says the same` },
    RINGS.map(ring), peers.slice(0, DRAWN).map((peer, at, list) => drawn(peer, at, list.length, { width, stretch, ...rest })),
    s("circle", { class: "here", cx: width / 2, cy: HEIGHT / 2, r: 32 }),
    s("text", { class: "here-text", x: width / 2, y: HEIGHT / 2 }, "here"));
}

const rows = (peers) => table("Peers", ["Key", "Direction", "Shaken", "#Delay", "#Height", "#Received", "#Sent", "#Useful", "Calls itself"],
  peers.map((peer) => [
    h("code", { title: peer.key }, short(peer.key)), inbound(peer) ? "↘ it called us" : "↗ we called it",
    peer.ready ? mark("good", "yes") : mark("wait", "not yet"), delay(peer.latency_ms), count(peer.height),
    bytes(Number(peer.bytes_in)), bytes(Number(peer.bytes_out)), count(peer.useful), said(peer.agent),
  ]));

function scrolled(box, ...children) {
  const left = box.querySelector(".scroll")?.scrollLeft ?? 0;
  const focused = box.contains(document.activeElement);
  replace(box, ...children);
  const scroll = box.querySelector(".scroll");
  if (!scroll) return;
  scroll.scrollLeft = left;
  if (focused) scroll.focus({ preventScroll: true });
}

export async function view(_, page) {
  const [picture, list] = [h("div", { class: "figure" }), h("div")];
  const look = async () => {
    const peers = await ask("peers");
    replace(picture, peers.length ? map(peers) : quiet("Nobody is connected. A node without peers is alone with its chain: start it with --peer ADDRESS."));
    scrolled(list, peers.length ? rows(peers) : quiet("No peers."));
  };
  const again = setInterval(() => look().catch(() => {}), LOOK_MS);
  page.during(() => clearInterval(again));
  page.during(on("way", () => look().catch(() => {})));
  await look();
  return ["Peers", card("Map", picture, h("p", { class: "key" },
    h("span", {}, "↗ we called it"), h("span", {}, "↘ it called us"),
    h("span", {}, "dashed: hands not shaken"), h("span", {}, "further out: slower; rings at 1, 10, 100 and 1 000 ms"))),
  card("All peers", list)];
}
