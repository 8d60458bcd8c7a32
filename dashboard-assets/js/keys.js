// @ts-check
/** The keyboard: the same keys on each page. Keys typed into a field belong to the field. */
import { go, href } from "./router.js";
import { openPalette } from "./palette.js";
import { openKeys } from "./help.js";
import { togglePause } from "./frame/top.js";

/** @typedef {import("./types.js").View} View */

const PLACES = /** @type {Record<string, string>} */ ({ o: "/", a: "/activity", s: "/sessions", c: "/costs", l: "/local", r: "/routing", u: "/subagents", y: "/system" });

/** @param {() => View|null} view */
export function startKeys(view) {
  let going = 0;
  document.addEventListener("keydown", (event) => {
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (key === "Escape") return escape(target, view());
    if (target.closest("input, select, textarea, [contenteditable]")) return;
    if (performance.now() - going < 1200 && Object.hasOwn(PLACES, key)) {
      going = 0;
      go(href(PLACES[key] ?? "/"));
    } else if (key === "g") going = performance.now();
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (key === "/" && view()?.search) {
      event.preventDefault();
      view()?.search?.focus();
      view()?.search?.select();
    } else if (key === "?") openKeys();
    else if (key === "p") togglePause();
    else if (view()?.key?.(key)) event.preventDefault();
  });
}

/** @param {HTMLElement} target @param {View|null} view */
function escape(target, view) {
  if (target === view?.search) target.blur();
  else if (view?.escape?.()) return;
  else if (target !== document.body) target.blur();
}

/**
 * Moves the focus among the rows of the page.
 * @param {number} by
 */
function step(by) {
  const stops = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#main [data-stop]")].filter((node) => node instanceof HTMLElement && node.offsetParent !== null));
  if (stops.length === 0) return;
  const at = stops.findIndex((node) => node === document.activeElement || node.parentElement?.contains(document.activeElement));
  const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : Math.min(stops.length - 1, Math.max(0, at + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
