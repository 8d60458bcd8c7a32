// @ts-check
/** The timeline's facts as a list: calls and moments in the order they happened. */
import { el, foreign, keyed, attr, remake } from "../dom.js";
import { clean } from "../text.js";
import { duration, exact, grouped } from "../format.js";
import { csvButton } from "../parts/panel.js";
import { empty, status } from "../parts/states.js";
import { markWord } from "../timeline/kinds.js";

/** @typedef {import("../types.js").SessionDetail} SessionDetail */
/** @typedef {{key: string, at: number, lane: string, what: string, summary: string, length: number|null, state: string, mark: boolean}} Line */

const STEP = 300;

/**
 * Calls and marks by time. Pure.
 * @param {SessionDetail} detail
 * @returns {Line[]}
 */
export function lines({ spans, marks, agent_runs: runs }) {
  const types = new Map(runs.map((run) => [run.agent_id, run.agent_type]));
  return [
    ...spans.map((span) => ({ key: span.tool_use_id, at: span.started_at, lane: span.agent_id === null ? "main" : (types.get(span.agent_id) ?? "agent"), what: span.tool_name, summary: span.summary ?? "", length: span.ended_at === null ? null : span.ended_at - span.started_at, state: span.status, mark: false })),
    ...marks.map((mark) => ({ key: mark.event_id, at: mark.at, lane: "main", what: markWord(mark.kind), summary: mark.text ?? "", length: null, state: mark.kind === "stop_failure" ? "failed" : "", mark: true })),
  ].sort((a, b) => a.at - b.at);
}

/** @param {(key: string) => void} onopen */
export function sessionList(onopen) {
  const body = el("tbody");
  const table = el("table", { class: "table cards" }, el("caption", { class: "sr" }, "Calls and moments by time"), el("thead", null, el("tr", null, ...["Time", "Lane", "What", "About", "Took", "State"].map((name) => el("th", { scope: "col", class: name === "Took" && "num" }, name)))), body);
  const note = el("div");
  const foot = el("div", { class: "pager" });
  const node = el("div", null, table, note, foot);
  let most = STEP;
  /** @type {Line[]} */
  let found = [];
  /** @type {() => void} */
  let again = () => {};
  const csv = csvButton("session", () => ({ head: ["at", "lane", "what", "about", "took_us", "state"], rows: found.map((line) => [new Date(line.at / 1000).toISOString(), line.lane, line.what, line.summary, line.length, line.state]) }));

  return {
    node,
    csv,
    /** @param {SessionDetail} detail @param {Record<string, string>} query @param {string} chosen */
    update(detail, query, chosen) {
      const words = (query.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const all = lines(detail);
      found = all.filter((line) => (query.failed !== "true" || line.state === "failed") && words.every((word) => `${line.what} ${line.summary} ${line.lane}`.toLowerCase().includes(word)));
      again = () => this.update(detail, query, chosen);
      keyed(body, found.slice(0, most), (line) => line.key, (line) => row(line, onopen));
      for (const item of body.querySelectorAll("tr[aria-current]")) item.removeAttribute("aria-current");
      if (chosen) attr(body.querySelector(`[data-key="${CSS.escape(chosen)}"]`) ?? body, "aria-current", "true");
      table.hidden = found.length === 0;
      remake(note, [found.length === 0, all.length === 0], () => (found.length > 0 ? [] : [all.length === 0 ? empty("Nothing on the timeline yet", "Calls and prompts show here as they happen.") : empty("Nothing matches", "Search for fewer words, or take the filter away.")]));
      foot.hidden = found.length <= most;
      remake(foot, [found.length, most], () => [el("button", { class: "btn", type: "button", onclick: () => { most += STEP; again(); } }, `Show ${Math.min(STEP, found.length - most)} more`), `${grouped(most)} of ${grouped(found.length)}`]);
    },
  };
}

/** @param {Line} line @param {(key: string) => void} onopen */
function row(line, onopen) {
  const what = el("button", { class: "btn plain tiny", type: "button", "data-stop": true, onclick: () => onopen(line.key) }, foreign(line.what));
  const state = el("td");
  const took = el("td", { class: "num small muted" });
  const node = el("tr", { class: "row", "data-key": line.key }, el("td", { class: "small muted", title: exact(line.at) }, exact(line.at).slice(11, 19)), el("td", { class: "small muted" }, foreign(line.lane)), el("td", null, what), el("td", { class: `wide cell ${line.mark ? "" : "mono"}` }, foreign(clean(line.summary))), took, state);
  return {
    node,
    /** @param {Line} next */
    update(next) {
      took.textContent = next.length === null ? "" : duration(next.length);
      remake(state, next.state, () => (next.state === "ok" ? [el("span", { class: "muted small" }, "ok")] : next.state ? [status(next.state)] : []));
    },
  };
}
