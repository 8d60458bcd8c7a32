// @ts-check
/** From the daemon's rows to what a view shows. Pure: no page, no clock. */
import { clean, cut } from "./text.js";
import { figure, joined, usdRough } from "./format.js";

/** @typedef {import("./types.js").SessionRow} SessionRow */

/**
 * The name people know a session by.
 * @param {{label?: string|null, title?: string|null, session_id: string}} session
 */
export function sessionName(session) {
  return clean(session.label) || clean(session.title) || `Session ${cut(clean(session.session_id), 9)}`;
}

/**
 * How a figure compares with the usual one. `tone` is "bad" only where more is worse and it lies outside what was ever seen.
 * @param {import("./types.js").Tile} tile
 * @returns {{text: string, direction: "up"|"down"|"same"|"none", tone: ""|"bad", title: string}}
 */
export function compare(tile) {
  const { value, usual, unit } = tile;
  if (tile.key === "live_sessions") return { text: "now", direction: "none", tone: "", title: "Working, waiting or idle at this moment" };
  if (value === null) return { text: "nothing measured yet", direction: "none", tone: "", title: "" };
  if (usual === null) return { text: "no usual day yet", direction: "none", tone: "", title: "Needs two earlier weeks with the same weekday" };
  const show = (/** @type {number} */ number) => (unit === "usd" ? usdRough(number) : joined(figure(number, unit)));
  const title = `Usual by this time of the weekday: ${show(usual.median)} (${show(usual.low)} to ${show(usual.high)} in ${usual.weeks} weeks)`;
  const worse = tile.key === "failure_rate" || tile.key === "hook_latency_p95";
  const tone = worse && value > usual.high ? "bad" : "";
  const step = unit === "count" ? 0.5 : usual.median * 0.02;
  if (Math.abs(value - usual.median) <= step) return { text: `as usual (${show(usual.median)})`, direction: "same", tone, title };
  const direction = value > usual.median ? "up" : "down";
  return { text: `${change(value, usual.median, unit)} vs usual ${show(usual.median)}`, direction, tone, title };
}

/** @param {number} value @param {number} median @param {string} unit */
function change(value, median, unit) {
  const sign = value > median ? "+" : "−";
  if (unit === "ratio") return `${sign}${Number((Math.abs(value - median) * 100).toFixed(1))} pt`;
  if (median === 0) return `${sign}${joined(figure(Math.abs(value), unit))}`;
  const percent = (Math.abs(value - median) / median) * 100;
  return percent >= 1000 ? `${Math.round(value / median)}×` : `${sign}${percent.toFixed(0)} %`;
}

/**
 * Agent runs with their depth, parents before children; a run whose parent is unknown or part of a circle stands at the top.
 * @template {{agent_id: string, parent_agent_id: string|null, started_at: number}} T
 * @param {T[]} runs
 * @returns {{run: T, depth: number}[]}
 */
export function agentTree(runs) {
  const ids = new Set(runs.map((run) => run.agent_id));
  /** @type {Map<string|null, T[]>} */
  const children = new Map();
  for (const run of [...runs].sort((a, b) => a.started_at - b.started_at)) {
    const parent = run.parent_agent_id !== null && run.parent_agent_id !== run.agent_id && ids.has(run.parent_agent_id) ? run.parent_agent_id : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(run);
    else children.set(parent, [run]);
  }
  /** @type {{run: T, depth: number}[]} */
  const rows = [];
  const seen = new Set();
  const walk = (/** @type {T} */ run, /** @type {number} */ depth) => {
    if (seen.has(run)) return;
    seen.add(run);
    rows.push({ run, depth });
    for (const child of children.get(run.agent_id) ?? []) walk(child, depth + 1);
  };
  for (const run of children.get(null) ?? []) walk(run, 0);
  for (const run of runs) walk(run, 0);
  return rows;
}

/**
 * Newer rows in front of older ones, newest first, each once, at most `limit`.
 * @template {{seq: number}} T
 * @param {T[]} older
 * @param {T[]} newer
 * @param {number} [limit]
 */
export function merge(older, newer, limit = Infinity) {
  const bySeq = new Map(older.map((row) => [row.seq, row]));
  for (const row of newer) bySeq.set(row.seq, row);
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, limit);
}

/**
 * Sums of the buckets, for the words beside a chart.
 * @param {import("./types.js").ActivityBucket[]} buckets
 */
export function totals(buckets) {
  const sum = { events: 0, prompts: 0, tool_calls: 0, tool_failures: 0, agents: 0, sessions: 0 };
  for (const bucket of buckets) for (const key of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) sum[key] += bucket[key];
  return sum;
}

/**
 * Buckets joined so that there are at most `most` bars.
 * @template {import("./types.js").ActivityBucket} T
 * @param {T[]} buckets
 * @param {number} most
 */
export function coarser(buckets, most) {
  const per = Math.max(1, Math.ceil(buckets.length / Math.max(1, most)));
  if (per === 1) return buckets;
  /** @type {import("./types.js").ActivityBucket[]} */
  const bars = [];
  for (let at = 0; at < buckets.length; at += per) {
    const part = buckets.slice(at, at + per);
    bars.push({ at: /** @type {T} */ (part[0]).at, ...totals(part) });
  }
  return bars;
}

/**
 * Whether the books balance.
 * @param {import("./types.js").SystemView["counters"]} counters
 */
export const balanced = (counters) => counters.received === counters.stored + counters.duplicate + counters.rejected + counters.dropped;

/**
 * How many things wait for a person; shown beside "Overview" on each page.
 * @param {import("./types.js").Attention[]} items
 */
export const waitingFor = (items) => items.filter((item) => item.kind === "waiting" || item.kind === "failing").length;

/**
 * Share of failed calls; null without calls.
 * @param {{tool_calls: number, tool_failures: number}} row
 */
export const failureRate = (row) => (row.tool_calls > 0 ? row.tool_failures / row.tool_calls : null);

/**
 * A short word for what an event is to a person.
 * @param {string} name
 */
export function eventWord(name) {
  return Object.hasOwn(WORDS, name) ? /** @type {string} */ (WORDS[name]) : cut(clean(name), 40) || "(no name)";
}

const WORDS = /** @type {Record<string, string>} */ ({
  SessionStart: "Session started",
  SessionEnd: "Session ended",
  UserPromptSubmit: "Prompt",
  PreToolUse: "Tool started",
  PostToolUse: "Tool finished",
  PostToolUseFailure: "Tool failed",
  PermissionRequest: "Permission asked",
  PermissionDenied: "Permission denied",
  SubagentStart: "Agent started",
  SubagentStop: "Agent finished",
  Stop: "Turn finished",
  StopFailure: "Turn failed",
  Notification: "Notification",
  PreCompact: "Compacting",
  PostCompact: "Compacted",
  PostModelSwitch: "Model switched",
});
export const EVENT_NAMES = Object.keys(WORDS);

/** @typedef {{sessions: Map<string, string>, prompts: Map<string, string>, projects: {project: string, project_dir: string}[]}} Names */

/**
 * The name of a row of costs.
 * @param {string} group
 * @param {string} key
 * @param {Names} names
 */
export function costName(group, key, names) {
  if (group === "project") return clean(names.projects.find((item) => item.project_dir === key)?.project) || clean(key.split(/[\\/]/).findLast(Boolean)) || "(no project)";
  if (group === "agent") return key === "main" ? "main thread" : clean(key) || "(no name)";
  if (group === "session") return names.sessions.get(key) ?? sessionName({ session_id: key });
  if (group === "prompt") return key === "" || key === "none" ? "Without a prompt" : names.prompts.get(key) || `Prompt ${cut(clean(key), 9)}`;
  return clean(key) || "(no model)";
}
