// @ts-check
/** Colours for canvases: the same roles as the style sheets, read from them and read again when the theme changes. */

/** @type {Map<string, string>} */
let read = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();

const theme = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
theme?.addEventListener("change", () => {
  read = new Map();
  for (const listener of listeners) listener();
});

/**
 * @param {string} role without the two dashes
 */
export function color(role) {
  let value = read.get(role);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim() || "#888";
    read.set(role, value);
  }
  return value;
}

/** @param {() => void} listener */
export function onTheme(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
