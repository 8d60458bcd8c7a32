// @ts-check
/** Where the time of a session went, by prompt: the longest first. */
import { el, foreign, remake } from "../dom.js";
import { countText, duration, exact } from "../format.js";
import { panel } from "../parts/panel.js";
import { turnsOf } from "../timeline/lanes.js";

/** @typedef {import("../types.js").SessionDetail} SessionDetail */
/** @typedef {{key: string, text: string|null, at: number, length: number, calls: number, failed: number, waited: number}} PromptRow */

const FEW = 6;

/**
 * One row for each prompt of the user. Pure.
 * @param {SessionDetail} detail
 * @returns {PromptRow[]}
 */
export function promptRows({ marks, spans, session, now_at }) {
  const turns = new Map(turnsOf(marks, spans, session.ended_at ?? (session.state === "working" ? now_at : session.last_event_at), session.state === "working").map((turn) => [turn[0], turn]));
  /** @type {Map<string|null, import("../types.js").Span[]>} */
  const byPrompt = new Map();
  for (const span of spans) byPrompt.set(span.prompt_id, [...(span.prompt_id === null ? [] : (byPrompt.get(span.prompt_id) ?? [])), span]);
  return marks.filter((mark) => mark.kind === "prompt").map((mark) => {
    const [from, to] = turns.get(mark.at) ?? [mark.at, mark.at];
    const own = mark.prompt_id === null ? spans.filter((span) => span.started_at >= from && span.started_at < to) : (byPrompt.get(mark.prompt_id) ?? []);
    return {
      key: mark.event_id,
      text: mark.text,
      at: mark.at,
      length: to - from,
      calls: own.length,
      failed: own.filter((span) => span.status === "failed").length,
      waited: own.filter((span) => span.permission_asked_at !== null).length,
    };
  });
}

/** @param {(key: string) => void} onopen */
export function sessionPrompts(onopen) {
  const count = el("span", { class: "count" });
  const { node, heading } = panel("Time by prompt");
  heading.append(" ", count);
  const body = el("tbody");
  const table = el("table", { class: "table cards" }, el("caption", { class: "sr" }, "Prompts, the longest first"), el("thead", null, el("tr", null, ...["Prompt", "Lasted", "", "Calls", "Failed", "Asked you", "When"].map((name, at) => el("th", { scope: "col", class: at === 1 || at > 2 ? "num" : null }, name || el("span", { class: "sr" }, "Share"))))), body);
  const more = el("div", { class: "pager" });
  node.append(table, more);
  let all = false;
  return {
    node,
    /** @param {SessionDetail} detail */
    update(detail) {
      const rows = promptRows(detail).sort((a, b) => b.length - a.length);
      const longest = Math.max(1, rows[0]?.length ?? 1);
      node.hidden = rows.length === 0;
      count.textContent = countText(rows.length);
      const draw = () => {
        const shown = all ? rows : rows.slice(0, FEW);
        remake(body, shown, () => shown.map((row) => line(row, row.length / longest, onopen)));
        more.hidden = all || rows.length <= FEW;
        remake(more, rows.length, () => [el("button", { class: "btn", type: "button", onclick: () => { all = true; draw(); } }, `Show all ${rows.length}`)]);
      };
      draw();
    },
  };
}

/** @param {PromptRow} row @param {number} share @param {(key: string) => void} onopen */
function line(row, share, onopen) {
  const bar = el("i");
  bar.style.width = `${Math.max(1, share * 100).toFixed(1)}%`;
  return el(
    "tr",
    { class: "row" },
    el("td", { class: "wide cell first" }, el("button", { class: "as-text", type: "button", "data-stop": true, onclick: () => onopen(row.key) }, foreign(row.text ?? "Prompt"))),
    el("td", { class: "num" }, duration(row.length)),
    el("td", { class: "share none" }, bar),
    el("td", { class: "num", "data-name": "Calls" }, countText(row.calls)),
    el("td", { class: row.failed ? "num bad" : "num muted", "data-name": "Failed" }, countText(row.failed)),
    el("td", { class: "num muted", "data-name": "Asked you" }, countText(row.waited)),
    el("td", { class: "num small muted", title: exact(row.at) }, exact(row.at).slice(11, 16)),
  );
}
