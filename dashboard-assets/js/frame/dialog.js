// @ts-check
/** A dialog with a heading, removed when it closes. */
import { el } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @param {string} title
 * @param {...Node} inside
 */
export function openDialog(title, ...inside) {
  document.querySelector("dialog[open]")?.remove();
  const close = el("button", { class: "btn plain icon-only", type: "button", "aria-label": "Close", onclick: () => dialog.close() }, icon("cross"));
  const dialog = el("dialog", { "aria-label": title, onclose: () => dialog.remove() }, el("header", null, el("h2", null, title), close), ...inside);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
