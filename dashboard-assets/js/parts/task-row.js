// @ts-check
/** One task and the decision about it: a line, the user's word beside it, and all that is known opened in place. */
import { attr, el, remake, foreign, setForeign, setText } from "../dom.js";
import { icon } from "../icons.js";
import { differs, kindWord, outcomeOf, percent, placeOf } from "../routing.js";
import { duration, usd, usdExact } from "../format.js";
import { when } from "../ticker.js";
import { feedback } from "./feedback.js";
import { status } from "./states.js";
import { taskFacts } from "./task-facts.js";

/** @typedef {import("../types.js").TaskRow} TaskRow */

/**
 * @param {TaskRow} first
 * @param {{about: "result"|"route", ontoggle: (row: TaskRow) => void, onchange: (row: TaskRow) => void}} how
 */
export function taskRow(first, { about, ontoggle, onchange }) {
  let shown = first;
  let open = false;
  const asked = el("span");
  const task = foreign("", "cut");
  const why = el("span", { class: "why muted small cut" });
  const ran = el("span");
  const cost = el("span", { class: "num cost muted small" });
  const outcome = el("span", { class: "outcome" });
  const word = feedback(about, onchange);
  const facts = el("div");
  const right = about === "result" ? feedback("route", onchange) : null;
  const inside = el("div", { class: "inside", hidden: true }, facts, right && el("div", { class: "right-route" }, el("h3", null, "Which would have been right?"), right.node));
  const button = el("button", { type: "button", "aria-expanded": "false", "data-stop": true, onclick: () => ontoggle(shown) },
    el("span", { class: "when" }, when(first.decided_at)), asked, el("span", { class: "summary" }, task, why), ran, cost, outcome);
  const node = el("li", { class: `event decision about-${about}`, "data-task": first.task_id }, button, word.node, inside);
  const fill = () => {
    if (open) remake(facts, shown, () => taskFacts(shown));
  };
  return {
    node,
    /** @param {TaskRow} row */
    update(row) {
      shown = row;
      const to = placeOf(row.recommended_route, "Not asked");
      attr(asked, "class", `what where-it-ran ${to.role}`);
      attr(asked, "title", row.recommended_route === null ? "No router was asked about this task" : `Recommended: ${to.word}${row.confidence === null ? "" : `, right with ${percent(row.confidence)}`}${row.as_good === null ? "" : `; the local model as good with ${percent(row.as_good)}`}`);
      remake(asked, [row.recommended_route, row.as_good], () => [icon(to.icon), to.word, row.recommended_route !== null && row.as_good !== null && el("span", { class: "sure" }, percent(row.as_good))]);
      setForeign(task, row.task_preview ?? `${kindWord(row.kind)}, text not kept`);
      setText(why, row.reasons[0] ?? "");
      attr(why, "title", row.reasons.join("; ") || null);
      const there = placeOf(row.ran, row.settled_at === null ? "running" : "Nobody");
      attr(ran, "class", `ran where-it-ran ${row.ran === null && row.settled_at === null ? "" : there.role}${differs(row) ? " differs" : ""}`);
      attr(ran, "title", differs(row) ? "It ran elsewhere than recommended" : null);
      remake(ran, [row.ran, row.settled_at === null], () => (row.ran === null && row.settled_at === null ? [] : [el("span", { class: "prefix muted small" }, "ran: "), there.word]));
      setText(cost, row.cost_usd === null ? (row.requests ? "unknown" : "–") : usd(row.cost_usd));
      attr(cost, "title", row.cost_usd === null ? null : `${usdExact(row.cost_usd)}${row.unknown_cost_requests ? `; ${row.unknown_cost_requests} requests without a known price are not in it` : ""}${row.duration_ms === null ? "" : `; took ${duration(row.duration_ms * 1000)}`}`);
      const end = outcomeOf(row);
      remake(outcome, end, () => [status(end.state, end.word)]);
      attr(outcome, "title", row.evidence.join("; ") || null);
      word.update(row);
      right?.update(row);
      inside.classList.toggle("unasked", row.recommended_route === null);
      fill();
    },
    isOpen: () => open,
    /** @param {boolean} wanted */
    open(wanted) {
      open = wanted;
      node.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      inside.hidden = !open;
      fill();
    },
  };
}
