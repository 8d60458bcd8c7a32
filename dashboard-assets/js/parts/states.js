// @ts-check
/** What stands where rows would: nothing yet, on its way, or a failure, each with what to do. */
import { el } from "../dom.js";
import { icon, stateIcon } from "../icons.js";
import { ApiError } from "../api.js";

/**
 * @param {string} title
 * @param {string} text
 * @param {...(Node|string)} more
 */
export const empty = (title, text, ...more) => el("div", { class: "state" }, el("h2", null, title), el("p", null, text), ...more);

/** @param {number} [lines] */
export const loading = (lines = 4) =>
  el("div", { class: "state", role: "status" }, el("span", { class: "sr" }, "Loading"), ...Array.from({ length: lines }, (_, at) => bone(at)));

/** @param {number} at */
function bone(at) {
  const node = el("div", { class: `skeleton ${["", "w2", "w3"][at % 3]}` });
  node.style.width = `${[420, 300, 190][at % 3]}px`;
  return node;
}

/**
 * @param {unknown} error
 * @param {() => void} [again]
 */
export function failure(error, again) {
  const hint = error instanceof ApiError ? error.hint : "Reload the page. If it stays, `orchd logs` says more.";
  return el(
    "div",
    { class: "state", role: "alert" },
    el("h2", null, error instanceof Error ? error.message : "Something went wrong"),
    hint && el("p", null, ...marked(hint)),
    again && el("button", { class: "btn", type: "button", onclick: again }, "Try again"),
  );
}

/**
 * Text in which `words` between backticks stand as code.
 * @param {string} text
 */
export const marked = (text) => text.split("`").map((part, at) => (at % 2 ? el("code", null, part) : part));

/**
 * A state by shape, word and colour.
 * @param {string} state
 * @param {string} [word]
 */
export const status = (state, word) => el("span", { class: `status is-${/^[a-z]+$/.test(state) ? state : "unknown"}` }, icon(stateIcon(state)), word ?? state);

/**
 * A command with a button that copies it.
 * @param {string} text
 */
export function command(text) {
  const button = el("button", { class: "btn plain tiny", type: "button", "aria-label": `Copy ${text}`, onclick: () => copy(text, button) }, "Copy");
  return el("span", { class: "command" }, el("code", null, text), button);
}

/**
 * @param {string} text
 * @param {HTMLElement} button
 */
export async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Press ctrl-c";
  }
  setTimeout(() => { button.textContent = before; }, 1500);
}
