// @ts-check
/** A share with its interval: the figure, a dot on a line from 0 to 100 %, and the interval in words. */
import { attr, el, setText } from "../dom.js";
import { between, percent } from "../routing.js";

/** @typedef {import("../types.js").Estimate} Estimate */

/**
 * @param {string} label
 * @param {string} about what it is a share of
 * @param {string} role of its colour
 */
export function estimate(label, about, role) {
  const value = el("span", { class: "value" });
  const range = el("i", { class: "range" });
  const dot = el("i", { class: "dot" });
  const was = el("i", { class: "was", hidden: true });
  const line = el("div", { class: "line", role: "img" }, range, was, dot);
  const words = el("span", { class: "words" });
  const node = el("div", { class: `estimate ${role}` }, el("span", { class: "label" }, label), value, line, words, el("p", { class: "about" }, about));
  return {
    node,
    /**
     * @param {Estimate|{value: number}|null} shown a share without an interval is a plain count
     * @param {{none?: string, was?: number|null}} [more] `was`: a share to compare with
     */
    update(shown, { none = "not known yet", was: before = null } = {}) {
      const known = shown !== null;
      attr(value, "class", known ? "value" : "value muted none-yet");
      setText(value, known ? percent(shown.value) : "Not yet");
      const interval = known && "low" in shown ? shown : null;
      range.hidden = interval === null;
      dot.hidden = !known;
      place(dot, shown?.value ?? 0);
      if (interval) place(range, interval.low, interval.high);
      was.hidden = before === null || !known;
      place(was, before ?? 0);
      const text = interval ? `${between(interval)}, 95 % interval` : known ? "counted" : none;
      setText(words, text);
      attr(line, "aria-label", `${label}: ${known ? `${percent(shown.value)}, ` : ""}${text}`);
    },
  };
}

/** @param {HTMLElement} node @param {number} from @param {number} [to] */
function place(node, from, to) {
  const at = (/** @type {number} */ share) => Math.max(0, Math.min(1, share)) * 100;
  node.style.left = `${at(from).toFixed(2)}%`;
  if (to !== undefined) node.style.width = `${(at(to) - at(from)).toFixed(2)}%`;
}
