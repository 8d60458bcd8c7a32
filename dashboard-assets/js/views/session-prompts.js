// @ts-check
/** Where the time and the money of a session went, by prompt: the longest first. */
import { el, foreign, remake, setText } from "../dom.js";
import { whereOfRow } from "../costs.js";
import { countText, duration, exact } from "../format.js";
import { panel } from "../parts/panel.js";
import { sumLink } from "../parts/sum-link.js";
import { turnsOf } from "../timeline/lanes.js";

/** @typedef {import("../types.js").SessionDetail} SessionDetail */
/** @typedef {{key: string, prompt_id: string|null, text: string|null, at: number, length: number, calls: number, failed: number, waited: number}} PromptRow */
/** @typedef {import("../types.js").CostRow} CostRow */

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
      prompt_id: mark.prompt_id,
      text: mark.text,
      at: mark.at,
      length: to - from,
      calls: own.length,
      failed: own.filter((span) => span.status === "failed").length,
      waited: own.filter((span) => span.permission_asked_at !== null).length,
    };
  });
}

/**
 * Prompts with what each cost, and costs of prompts that no hook told of, or of none. Pure.
 * @param {PromptRow[]} rows
 * @param {CostRow[]} costs
 */
export function withCosts(rows, costs) {
  const left = new Map(costs.map((cost) => [cost.key, cost]));
  const known = rows.map((row) => {
    const cost = left.get(row.prompt_id ?? " ") ?? null;
    if (cost) left.delete(cost.key);
    return { key: row.key, row: /** @type {PromptRow|null} */ (row), cost };
  });
  return [...known, ...[...left.values()].map((cost) => ({ key: `cost ${cost.key}`, row: null, cost }))];
}

/** @typedef {ReturnType<typeof withCosts>[number]} Line */

/** @param {(key: string) => void} onopen */
export function sessionPrompts(onopen) {
  const count = el("span", { class: "count" });
  const title = el("span");
  const { node, heading } = panel("");
  heading.append(title, " ", count);
  const heads = el("tr");
  const body = el("tbody");
  const table = el("table", { class: "table cards prompts-table" }, el("caption", { class: "sr" }, "Prompts, the longest first"), el("thead", null, heads), body);
  const more = el("div", { class: "pager" });
  node.append(table, more);
  let all = false;
  /** @type {CostRow[]} */
  let costs = [];
  return {
    node,
    /** @param {import("../types.js").Costs} next by prompt */
    cost(next) {
      costs = next.rows;
    },
    /** @param {SessionDetail} detail */
    update(detail) {
      const rows = promptRows(detail).sort((a, b) => b.length - a.length);
      const longest = Math.max(1, rows[0]?.length ?? 1);
      const lines = withCosts(rows, costs);
      const priced = costs.length > 0;
      node.hidden = lines.length === 0;
      setText(title, priced ? "Time and cost by prompt" : "Time by prompt");
      setText(count, countText(rows.length));
      remake(heads, priced, () => HEADS.filter(({ name }) => priced || name !== "Cost").map(({ name, num, unseen }) => el("th", { scope: "col", class: num && "num" }, unseen ? el("span", { class: "sr" }, name) : name)));
      const draw = () => {
        const shown = all ? lines : lines.slice(0, FEW);
        remake(body, [shown, priced], () => shown.map((item) => line(item, (item.row?.length ?? 0) / longest, priced, detail.session.session_id, onopen)));
        more.hidden = all || lines.length <= FEW;
        remake(more, lines.length, () => [el("button", { class: "btn", type: "button", onclick: () => { all = true; draw(); } }, `Show all ${lines.length}`)]);
      };
      draw();
    },
  };
}

const HEADS = /** @type {{name: string, num?: boolean, unseen?: boolean}[]} */ ([
  { name: "Prompt" }, { name: "Lasted", num: true }, { name: "Share", unseen: true }, { name: "Cost", num: true }, { name: "Calls", num: true }, { name: "Failed", num: true }, { name: "Asked you", num: true }, { name: "When", num: true },
]);

/** @param {Line} item @param {number} share @param {boolean} priced @param {string} session @param {(key: string) => void} onopen */
function line({ row, cost }, share, priced, session, onopen) {
  const bar = el("i");
  bar.style.width = `${row ? Math.max(1, share * 100).toFixed(1) : 0}%`;
  const spent = sumLink("cost_usd");
  if (cost) spent.update(cost, whereOfRow("prompt", cost.key, { session }));
  const name = row ? el("button", { class: "as-text", type: "button", "data-stop": true, onclick: () => onopen(row.key) }, foreign(row.text ?? "Prompt")) : el("span", { class: "muted" }, cost?.key ? "A prompt that no hook told of" : "Requests without a prompt");
  return el(
    "tr",
    { class: "row" },
    el("td", { class: "wide cell first" }, name),
    el("td", { class: "num" }, row ? duration(row.length) : ""),
    el("td", { class: "share none" }, bar),
    priced && el("td", { class: "num strong", "data-name": "Cost" }, cost ? spent.node : el("span", { class: "muted", title: "The ledger has no request of this prompt (yet)" }, "–")),
    ...(row ? [
      el("td", { class: "num", "data-name": "Calls" }, countText(row.calls)),
      el("td", { class: row.failed ? "num bad" : "num muted", "data-name": "Failed" }, countText(row.failed)),
      el("td", { class: "num muted", "data-name": "Asked you" }, countText(row.waited)),
      el("td", { class: "num small muted", title: exact(row.at) }, exact(row.at).slice(11, 16)),
    ] : Array.from({ length: 4 }, () => el("td"))),
  );
}
