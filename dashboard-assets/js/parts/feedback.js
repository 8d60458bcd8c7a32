// @ts-check
/** The user's word on a task, with one click: how it came out, or whether the local model would have done. */
import { announce, attr, el, remake } from "../dom.js";
import { ApiError, giveFeedback } from "../api.js";
import { icon } from "../icons.js";
import { routeVerdict } from "../routing.js";
import { clean } from "../text.js";

/** @typedef {import("../types.js").TaskRow} TaskRow */
/** @typedef {{word: string, icon: import("../icons.js").IconName, title: string, verdict: (row: TaskRow) => "good"|"bad", is: (row: TaskRow) => boolean}} Choice */

const CHOICES = /** @type {Record<"result"|"route", Choice[]>} */ ({
  result: [
    { word: "Good", icon: "check", title: "It came out well", verdict: () => "good", is: (row) => row.feedback === "good" },
    { word: "Bad", icon: "cross", title: "It came out badly", verdict: () => "bad", is: (row) => row.feedback === "bad" },
  ],
  route: [
    { word: "The local model would have done", icon: "local", title: "Its answer was, or would have been, as good as Claude’s", verdict: (row) => routeVerdict(row, true), is: (row) => row.judged_by === "user" && row.judged_as_good === true },
    { word: "Claude was needed", icon: "swap", title: "The local model’s answer was, or would have been, worse", verdict: (row) => routeVerdict(row, false), is: (row) => row.judged_by === "user" && row.judged_as_good === false },
  ],
});

/**
 * @param {"result"|"route"} about
 * @param {(row: TaskRow) => void} ondone gets the task as it now is
 */
export function feedback(about, ondone) {
  /** @type {TaskRow|null} */
  let shown = null;
  const wrong = el("span", { class: "bad small", role: "alert", hidden: true });
  const buttons = CHOICES[about].map((choice) => {
    const node = el("button", { class: "btn plain tiny", type: "button", title: choice.title, onclick: () => give(choice) }, icon(choice.icon), el("span", { class: "word" }, choice.word));
    return { choice, node };
  });
  const node = el("div", { class: `feedback ${about}`, role: "group", "aria-label": about === "result" ? "How it came out" : "Whether the route was right" }, ...buttons.map((button) => button.node), wrong);

  /** @param {Choice} choice */
  async function give(choice) {
    if (!shown) return;
    const task = shown.task_id;
    for (const button of buttons) button.node.disabled = true;
    try {
      const row = await giveFeedback({ task, verdict: choice.verdict(shown), about });
      wrong.hidden = true;
      announce(`${choice.word}: noted`);
      ondone(row);
    } catch (error) {
      const text = error instanceof ApiError ? [error.message, clean(error.hint)].filter(Boolean).join(": ") : "It could not be noted";
      wrong.hidden = false;
      remake(wrong, text, () => [text]);
    }
    for (const button of buttons) button.node.disabled = false;
  }
  return {
    node,
    /** @param {TaskRow} row */
    update(row) {
      shown = row;
      for (const { choice, node: button } of buttons) attr(button, "aria-pressed", String(choice.is(row)));
    },
  };
}
