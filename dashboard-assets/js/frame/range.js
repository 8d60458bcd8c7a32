// @ts-check
/** A time range of one's own. */
import { el } from "../dom.js";
import { refine } from "../router.js";
import * as store from "../store.js";
import { date, time, DAY, HOUR } from "../format.js";
import { openDialog } from "./dialog.js";

/** @param {number} at */
const local = (at) => `${date(at)}T${time(at)}`;

/** A range in times. */
export function openRange() {
  const { query } = store.get().route;
  const now = Date.now() * 1000;
  ask("datetime-local", local(Number(query.from) || now - 24 * HOUR), local(Number(query.to) || now), (from, to) => {
    const [a, b] = [new Date(from).getTime(), new Date(to).getTime()];
    if (!(a < b)) return "The start has to lie before the end.";
    refine({ range: null, from: a * 1000, to: b * 1000 });
    return null;
  });
}

/** A range of whole days, both of them in it. */
export function openDays() {
  const { query } = store.get().route;
  const today = Date.now() * 1000;
  ask("date", query.since ?? date(today - 7 * DAY), query.until ?? date(today), (since, until) => {
    if (!since && !until) return "Choose at least one day.";
    if (since && until && since > until) return "The first day has to be no later than the last.";
    refine({ period: null, since, until, cursor: null });
    return null;
  });
}

/**
 * @param {"datetime-local"|"date"} type
 * @param {string} first
 * @param {string} last
 * @param {(from: string, to: string) => string|null} apply returns what is wrong, if anything
 */
function ask(type, first, last, apply) {
  const from = el("input", { class: "field", type, value: first });
  const to = el("input", { class: "field", type, value: last });
  const wrong = el("p", { class: "bad small", role: "alert" });
  const form = el(
    "form",
    { class: "range-form", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      wrong.textContent = apply(from.value, to.value);
      if (!wrong.textContent) dialog.close();
    } },
    el("label", null, type === "date" ? "First day" : "From", from),
    el("label", null, type === "date" ? "Last day" : "To", to),
    wrong,
    el("div", { class: "bar" }, el("button", { class: "btn main-action" }, "Show"), el("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel")),
  );
  const dialog = openDialog("Time range", form);
}
