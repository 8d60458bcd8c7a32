// @ts-check
/** Making and changing elements: text nodes only, and only what changed. */
import { clean } from "./text.js";

/** @typedef {Node|string|number|null|undefined|false} Child */

/**
 * Makes an element. `on*` functions become listeners, `true` an empty attribute, `null`, `undefined` and `false` none.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>|null} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else attr(node, name, value);
  }
  for (const child of children) if (child !== null && child !== undefined && child !== false) node.append(typeof child === "number" ? String(child) : child);
  return node;
}

/**
 * Sets or removes an attribute, if it differs.
 * @param {Element} node
 * @param {string} name
 * @param {unknown} value
 */
export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/**
 * Sets the text of a node, if it differs.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replaces what is inside, if `key` differs from last time: for small parts that are cheaper to make again than to patch.
 * @param {HTMLElement} node
 * @param {unknown} key
 * @param {() => Child[]} make
 */
export function remake(node, key, make) {
  const text = JSON.stringify(key);
  if (made.get(node) === text) return;
  made.set(node, text);
  node.replaceChildren(.../** @type {(Node|string)[]} */ (make().filter((child) => child !== null && child !== undefined && child !== false).map((child) => (typeof child === "number" ? String(child) : child))));
}
/** @type {WeakMap<Node, string>} */
const made = new WeakMap();

/**
 * Makes the children of `parent` those of `items`: kept ones are updated in place, none is moved without need.
 * @template T
 * @param {HTMLElement} parent
 * @param {T[]} items
 * @param {(item: T) => string|number} keyOf
 * @param {(item: T) => {node: HTMLElement, update: (item: T) => void}} make
 */
export function keyed(parent, items, keyOf, make) {
  /** @type {Map<string|number, {node: HTMLElement, update: (item: T) => void}>} */
  const before = rows.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (after.has(key)) continue;
    const row = before.get(key) ?? make(item);
    row.update(item);
    after.set(key, row);
  }
  for (const [key, row] of before) if (!after.has(key)) row.node.remove();
  let place = parent.firstElementChild;
  for (const row of after.values()) {
    if (row.node === place) place = row.node.nextElementSibling;
    else parent.insertBefore(row.node, place);
  }
  rows.set(parent, after);
}
/** @type {WeakMap<Node, Map<any, any>>} */
const rows = new WeakMap();

/**
 * Foreign text on its own: isolated from the direction of its surroundings, whole on hover.
 * @param {unknown} text
 * @param {string} [className]
 */
export function foreign(text, className) {
  const shown = clean(text);
  return el("bdi", { class: className, title: shown.length > 24 ? shown : null, dir: "auto" }, shown);
}

/**
 * Puts foreign text into a node made by `foreign`.
 * @param {HTMLElement} node
 * @param {unknown} text
 */
export function setForeign(node, text) {
  const shown = clean(text);
  setText(node, shown);
  attr(node, "title", shown.length > 24 ? shown : null);
}

/**
 * A value with its unit small and muted, and the exact value on hover.
 * @param {{value: string, unit: string}} parts
 * @param {string} [title]
 */
export const quantity = (parts, title) => el("span", { title }, parts.value, parts.unit && el("span", { class: "unit" }, ` ${parts.unit}`));

/**
 * @param {string} text
 * @param {"polite"} [_tone]
 */
export function announce(text, _tone) {
  const region = document.getElementById("announce");
  if (region) setText(region, text);
}
