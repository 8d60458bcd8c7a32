// @ts-check
/** How much of a limit is used: a bar, and the same in words. */
import { attr, el, remake } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {"ok"|"warning"|"exceeded"} Level */

const ICONS = /** @type {Record<Level, import("../icons.js").IconName|null>} */ ({ ok: null, warning: "warn", exceeded: "cross" });

/** @param {string} label what the limit is, for screen readers */
export function meter(label) {
  const fill = el("i");
  const bar = el("div", { class: "meter", role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  const words = el("p", { class: "meter-words" });
  const node = el("div", null, bar, words);
  return {
    node,
    /** @param {number} percent @param {Level} level @param {string} text @param {string} [title] */
    update(percent, level, text, title) {
      attr(bar, "aria-valuenow", Math.round(Math.max(0, Math.min(100, percent))));
      attr(bar, "aria-valuetext", text);
      attr(node, "class", `meter-box ${level}`);
      fill.style.width = `${Math.max(0, Math.min(100, percent)).toFixed(1)}%`;
      const name = ICONS[level];
      remake(words, [level, text], () => [name && icon(name), text]);
      attr(words, "title", title ?? null);
    },
  };
}
