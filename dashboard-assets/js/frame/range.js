// @ts-check
/** A time range of one's own. */
import { el } from "../dom.js";
import { refine } from "../router.js";
import * as store from "../store.js";
import { date, time, HOUR } from "../format.js";
import { openDialog } from "./dialog.js";

/** @param {number} at */
const local = (at) => `${date(at)}T${time(at)}`;

export function openRange() {
  const { query } = store.get().route;
  const now = Date.now() * 1000;
  const from = el("input", { class: "field", type: "datetime-local", value: local(Number(query.from) || now - 24 * HOUR) });
  const to = el("input", { class: "field", type: "datetime-local", value: local(Number(query.to) || now) });
  const wrong = el("p", { class: "bad small", role: "alert" });
  const form = el(
    "form",
    { class: "range-form", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const a = new Date(from.value).getTime();
      const b = new Date(to.value).getTime();
      if (!(a < b)) {
        wrong.textContent = "The start has to lie before the end.";
        return;
      }
      dialog.close();
      refine({ range: null, from: a * 1000, to: b * 1000 });
    } },
    el("label", null, "From", from),
    el("label", null, "To", to),
    wrong,
    el("div", { class: "bar" }, el("button", { class: "btn main-action" }, "Show"), el("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Cancel")),
  );
  const dialog = openDialog("Time range", form);
}
