// The youngest blocks of the best branch, a few numbers each, and what they come to.
import { askAll, askIf } from "./rpc.js";
import { now } from "./live.js";

/** Blocks that are asked for one by one, where the node tells no series. */
const SINGLES_MAX = 24;

const row = ({ id, header, transactions, size }) => (
  { id, height: header.height, time: header.time, transactions: transactions.length, size });

async function singles(from, to) {
  const heights = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const blocks = await askAll(heights.map((height) => ["block", { height }]));
  return blocks.filter((block) => block?.header).map(row);
}

/** The last `blocks` blocks, oldest first, given those that were known. */
export async function recent(known, blocks) {
  const tip = Number(now.status.height);
  const series = await askIf("series", { blocks });
  const told = Array.isArray(series) ? series : series?.blocks;
  if (told) return [...told].sort((one, other) => one.height - other.height);
  const most = Math.min(blocks, SINGLES_MAX);
  const oldest = Math.max(0, tip - most + 1);
  const kept = known.filter(({ height }) => height >= oldest && height < tip);
  // A reorganisation replaces what is near the tip: the youngest four are asked for again.
  const held = kept.slice(0, Math.max(0, kept.length - 4));
  const from = held.length && held[0].height === oldest ? held.at(-1).height + 1 : oldest;
  return [...(from === oldest ? [] : held), ...await singles(from, tip)];
}

/** Transactions a second, the mean interval in milliseconds, and all fees (null: not told). */
export function summary(rows) {
  const span = rows.length > 1 ? Number(rows.at(-1).time) - Number(rows[0].time) : NaN;
  const transactions = rows.slice(1).reduce((sum, { transactions: got }) => sum + Number(got), 0);
  const told = rows.length > 0 && rows.every(({ fees }) => fees !== undefined);
  return {
    perSecond: transactions * 1000 / span,
    interval: span / (rows.length - 1),
    fees: told ? rows.reduce((sum, { fees }) => sum + BigInt(fees), 0n).toString() : null,
  };
}
