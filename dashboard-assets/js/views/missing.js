// @ts-check
/** An address that is no page. */
import { el } from "../dom.js";
import { empty } from "../parts/states.js";

/** @param {HTMLElement} root @returns {import("../types.js").View} */
export function missing(root) {
  root.append(empty("There is no such page", "The address may be from another version.", el("a", { class: "btn", href: "/" }, "Go to the overview")));
  return { title: "Not found", update: () => {}, changed: () => {}, destroy: () => {} };
}
