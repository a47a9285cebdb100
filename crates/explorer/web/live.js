// What happens at the node, as it happens: over a WebSocket, or by asking again and again where there is
// none. Says which of the two it is.
import { ask, parse } from "./rpc.js";

const TOPICS = ["heads", "reorganisations", "blocks", "mempool"];
/** Milliseconds between two questions without a WebSocket. */
const POLL_MS = 2000;
/** Milliseconds until a lost WebSocket is tried again, at first and at most. */
const AGAIN_MS = [1000, 30000];
/** Milliseconds that a WebSocket may take to open. */
const OPEN_MS = 5000;
/** Reorganisations that are remembered. */
const KEPT = 100;

const bus = new EventTarget();

/** What is known now. `way`: "live", "polling", "lost" or "starting". */
export const now = { way: "starting", status: null, reorganisations: [], blocks: new Map() };

/** Calls back on "status", "heads", "reorganisations", "blocks", "mempool" or "way". Gives a function that
 * ends it. */
export function on(topic, call) {
  const listener = ({ detail }) => call(detail);
  bus.addEventListener(topic, listener);
  return () => bus.removeEventListener(topic, listener);
}

const tell = (topic, detail) => bus.dispatchEvent(new CustomEvent(topic, { detail }));

function go(way) {
  if (now.way === way) return;
  now.way = way;
  tell("way", way);
}

/** Asks how the node is; a head that no notice told of is told of here. */
async function refresh() {
  const status = await ask("status");
  const before = now.status;
  now.status = status;
  tell("status", status);
  const { tip: id, height, time, state_root } = status;
  if (before && before.tip !== id) tell("heads", { id, height, time, state_root });
}

const subscriptions = new Map();
let waited = 0;

function notice(topic, what) {
  if (topic === "heads" && now.status) {
    const { height, id, time, state_root } = what;
    now.status = { ...now.status, height, tip: id, time, state_root };
  }
  if (topic === "reorganisations") {
    now.reorganisations.unshift({ ...what, seen: Date.now() });
    now.reorganisations.length = Math.min(now.reorganisations.length, KEPT);
    if (now.status) now.status.reorgs += 1;
  }
  if (topic === "blocks") {
    now.blocks.set(what.id, what);
    if (now.blocks.size > KEPT) now.blocks.delete(now.blocks.keys().next().value);
  }
  tell(topic, what);
}

function heard({ data }) {
  const message = parse(data);
  if (message.method === "notice") {
    const { subscription, topic, notice: what } = message.params;
    notice(topic ?? subscriptions.get(subscription), what);
  } else if (message.id !== undefined && message.result?.subscription !== undefined) {
    subscriptions.set(message.result.subscription, message.id);
  }
}

function connect() {
  if (!("WebSocket" in globalThis)) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws`);
  const late = setTimeout(() => socket.close(), OPEN_MS);
  socket.addEventListener("message", heard);
  socket.addEventListener("open", () => {
    clearTimeout(late);
    waited = 0;
    const subscribe = (topic) => ({ jsonrpc: "2.0", id: topic, method: "subscribe", params: { topic } });
    TOPICS.forEach((topic) => socket.send(JSON.stringify(subscribe(topic))));
    go("live");
    // What was missed meanwhile.
    refresh().catch(() => {});
  });
  socket.addEventListener("close", () => {
    clearTimeout(late);
    if (now.way === "live") go("polling");
    waited = Math.min(Math.max(waited * 2, AGAIN_MS[0]), AGAIN_MS[1]);
    setTimeout(connect, waited);
  });
}

/** Without a WebSocket this is how news come; with one it brings what no notice tells. */
async function poll() {
  let pause = POLL_MS;
  try {
    await refresh();
    if (now.way !== "live") go("polling");
    if (now.way === "live") pause = 4 * POLL_MS;
  } catch {
    go("lost");
  }
  setTimeout(poll, document.hidden ? 4 * POLL_MS : pause);
}

/** Begins. Call once. */
export async function start() {
  connect();
  await poll();
}
