// @ts-check
/** A session as lanes: the main thread and each subagent, calls in rows so that none covers another, turns and waits. Pure. */
import { agentTree } from "../derive.js";
import { union } from "./axis.js";

/** @typedef {import("../types.js").Span} Span */
/** @typedef {import("../types.js").AgentRun} AgentRun */
/** @typedef {{span: Span, from: number, to: number, row: number}} Placed */
/** @typedef {{key: string, run: AgentRun|null, depth: number, calls: Placed[], rows: number, y: number, height: number, from: number, to: number}} Lane */
/** @typedef {{lanes: Lane[], turns: [number, number][], busy: [number, number][], from: number, to: number, height: number}} Model */

export const ROW = 18;
const PAD = 5;
/** More calls at once than this share the last row. */
const MOST_ROWS = 8;

/**
 * @param {import("../types.js").SessionDetail} detail
 * @returns {Model}
 */
export function buildModel(detail) {
  const now = detail.now_at;
  const { spans, marks, agent_runs: runs, session } = detail;
  /** @type {Map<string, Span[]>} */
  const byAgent = new Map();
  for (const span of spans) {
    const key = span.agent_id ?? "";
    const list = byAgent.get(key);
    if (list) list.push(span);
    else byAgent.set(key, [span]);
  }
  const live = session.ended_at === null && session.state !== "lost" && session.state !== "ended";
  const to = Math.max(session.last_event_at, session.ended_at ?? 0, live ? now : 0, ...spans.slice(-200).map((span) => span.ended_at ?? 0));
  const end = (/** @type {{ended_at: number|null}} */ item) => item.ended_at ?? to;

  /** @type {Lane[]} */
  const lanes = [lane("", null, 0, byAgent.get("") ?? [], end)];
  byAgent.delete("");
  for (const { run, depth } of agentTree(runs)) {
    lanes.push(lane(run.agent_id, run, Math.min(depth + 1, 3), byAgent.get(run.agent_id) ?? [], end));
    byAgent.delete(run.agent_id);
  }
  for (const [key, rest] of byAgent) lanes.push(lane(key, null, 1, rest, end));

  let y = 0;
  for (const one of lanes) {
    one.y = y;
    one.height = Math.max(1, one.rows) * ROW + 2 * PAD;
    y += one.height;
  }
  const turns = turnsOf(marks, spans, to, session.state === "working");
  const times = [...spans.map((span) => span.started_at), ...marks.map((mark) => mark.at), session.started_at];
  const from = times.reduce((least, time) => Math.min(least, time), Infinity);
  /** @type {[number, number][]} */
  const busy = [...turns, ...spans.map((span) => /** @type {[number, number]} */ ([span.started_at, end(span)])), ...runs.map((run) => /** @type {[number, number]} */ ([run.started_at, end(run)])), ...marks.map((mark) => /** @type {[number, number]} */ ([mark.at, mark.at]))];
  return { lanes, turns, busy: union(busy), from, to: Math.max(to, from + 1000), height: y };
}

/**
 * @param {string} key
 * @param {AgentRun|null} run
 * @param {number} depth
 * @param {Span[]} spans
 * @param {(item: {ended_at: number|null}) => number} end
 * @returns {Lane}
 */
function lane(key, run, depth, spans, end) {
  const calls = pack(spans.map((span) => ({ span, from: span.started_at, to: Math.max(span.started_at, end(span)), row: 0 })));
  const rows = calls.reduce((most, call) => Math.max(most, call.row + 1), 0);
  return { key, run, depth, calls, rows, y: 0, height: 0, from: run?.started_at ?? 0, to: run ? end(run) : 0 };
}

/**
 * Gives each call the first row that is free when it starts.
 * @param {Placed[]} calls
 */
export function pack(calls) {
  /** @type {number[]} */
  const free = [];
  for (const call of calls.sort((a, b) => a.from - b.from)) {
    let row = free.findIndex((until) => until <= call.from);
    if (row < 0) row = Math.min(free.length, MOST_ROWS - 1);
    free[row] = Math.max(free[row] ?? 0, call.to);
    call.row = row;
  }
  return calls;
}

const OPENS = new Set(["prompt", "task_notification"]);
const CLOSES = new Set(["stop", "stop_failure", "session_end"]);

/**
 * Times from a prompt to the stop of its turn; a turn without one ends with its last call.
 * @param {import("../types.js").Mark[]} marks
 * @param {Span[]} spans
 * @param {number} to
 * @param {boolean} working the last turn goes on
 * @returns {[number, number][]}
 */
export function turnsOf(marks, spans, to, working) {
  /** @type {[number, number][]} */
  const turns = [];
  /** @type {number|null} */
  let open = null;
  const close = (/** @type {number} */ limit, /** @type {boolean} */ last) => {
    if (open === null) return;
    const start = open;
    const calls = spans.filter((span) => span.agent_id === null && span.started_at >= start && span.started_at < limit);
    const running = last && (working || calls.some((span) => span.status === "open"));
    const end = running ? to : calls.reduce((latest, span) => Math.max(latest, Math.min(limit, span.ended_at ?? span.started_at)), start);
    turns.push([start, end]);
    open = null;
  };
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    if (OPENS.has(mark.kind)) {
      if (open !== null && mark.kind === "task_notification") continue;
      close(mark.at, false);
      open = mark.at;
    } else if (CLOSES.has(mark.kind) && open !== null) {
      turns.push([open, mark.at]);
      open = null;
    }
  }
  close(to + 1, true);
  return turns;
}

/**
 * The time a call waited for permission; null if it did not.
 * @param {Placed} call
 * @returns {[number, number]|null}
 */
export function waitOf({ span, to }) {
  const asked = span.permission_asked_at;
  if (asked === null) return null;
  if (span.status === "open") return [asked, to];
  // The client measures the tool itself, so what is left between asking and its start was waiting.
  const on = span.duration_ms === null || span.status === "denied" ? to : Math.max(asked, to - span.duration_ms * 1000);
  return [asked, Math.min(to, on)];
}
