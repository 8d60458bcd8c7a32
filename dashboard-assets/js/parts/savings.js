// @ts-check
/** What handing work to the local model saved: four figures, each with its assumption, never added to one another. */
import { attr, el, keyed, remake, setText } from "../dom.js";
import { countText, duration, grouped, joined, plural, ratio, usd, usdExact } from "../format.js";
import { reasonWords } from "../local.js";
import { clean } from "../text.js";
import { panel, table } from "./panel.js";

/** @typedef {import("../types.js").Savings} Savings */
/** @typedef {import("../types.js").SavingFigure} Figure */

const NAMES = /** @type {[keyof Savings["figures"], string][]} */ ([
  ["realised", "Realised saving"],
  ["downshift", "Saved by a cheaper model"],
  ["could_have_saved", "Could have been saved"],
  ["seed_estimate", "Estimate at a flat price"],
]);

export function savings() {
  const tiles = el("div", { class: "tiles savings" });
  const note = el("p", { class: "muted small tiles-note" });
  const node = el("section", { "aria-label": "What was saved" }, tiles, note);
  const why = panel("Why Claude did it instead");
  const reasons = el("div");
  why.node.append(reasons);
  return {
    node,
    reasons: why.node,
    /** @param {Savings} answer */
    update(answer) {
      keyed(tiles, NAMES.map(([key, name]) => ({ key, name, figure: answer.figures[key] })), (item) => item.key, tile);
      const { tasks } = answer;
      remake(note, [tasks, answer.optimization_rate, answer.overhead_ms, answer.tokens], () => [
        el("span", null, "Four ways to look at it, each with its own assumption: they are never added."),
        el("span", null, answer.optimization_rate === null ? "No task was handed over in these days." : `${joined(ratio(answer.optimization_rate / 100))} of ${plural(tasks.local + tasks.claude, "task")} that ran did so on the local model: ${grouped(answer.tokens.input)} tokens read, ${grouped(answer.tokens.output)} written. ${answer.overhead_ms > 0 ? `${duration(answer.overhead_ms * 1000)} of its time led to nothing and saved nothing.` : ""}`),
      ]);
      why.node.hidden = answer.fallback_reasons.length === 0;
      remake(reasons, answer.fallback_reasons, () => [table([{ name: "Reason" }, { name: "Tasks", num: true }], answer.fallback_reasons.map((one) => [reasonWords(one.reason), countText(one.tasks)]), "Why the local model did not do it")]);
    },
  };
}

/** @typedef {{key: string, name: string, figure: Figure}} Item */

/** @param {Item} first */
function tile({ name, key }) {
  const value = el("span", { class: "value" });
  const about = el("p", { class: "about" });
  const assumption = el("p", { class: "assumption" });
  const node = el("div", { class: `tile spend ${key === "realised" ? "saved" : ""}` }, el("span", { class: "label" }, name), value, about, assumption);
  return {
    node,
    /** @param {Item} item */
    update({ figure }) {
      const known = figure.usd !== null;
      attr(value, "class", known ? "value" : "value muted none-yet");
      setText(value, known ? usd(figure.usd) : "Not known");
      attr(value, "title", known ? usdExact(figure.usd ?? 0) : null);
      attr(value, "data-exact", figure.usd ?? "unknown");
      setText(about, figure.unknown_tasks ? `${known ? `${plural(figure.tasks, "task")}; ` : ""}${plural(figure.unknown_tasks, "task")} of unknown saving not in it` : known ? plural(figure.tasks, "task") : "");
      about.hidden = about.textContent === "";
      setText(assumption, clean(figure.assumption));
    },
  };
}
