// @ts-check
/** A payload as a tree of names and values. Hostile names (`__proto__`), depth, length and characters stay text. */
import { el } from "../dom.js";
import { spell, cut } from "../text.js";
import { bytes, grouped, joined } from "../format.js";
import { copy } from "./states.js";

const DEPTH = 8;
const CHILDREN = 200;
const LONG = 100;
const TEXT = 20_000;

/**
 * @param {import("../types.js").EventBody|null} body
 * @returns {HTMLElement}
 */
export function payload(body) {
  if (body === null) return el("p", { class: "muted" }, "No payload is kept: this project is recorded as metadata only.");
  if (body.form === "text") return el("div", { class: "payload" }, el("p", { class: "muted small" }, "The payload was cut or is no valid JSON. Its text:"), block(body.value));
  return value(body.value, 0);
}

/**
 * @param {unknown} data
 * @param {number} depth
 * @returns {HTMLElement}
 */
export function value(data, depth) {
  if (data === null || typeof data !== "object") return el("div", { class: "payload" }, leaf(data));
  const entries = Object.entries(data);
  const node = el("div", { class: "payload" });
  for (const [key, part] of entries.slice(0, CHILDREN)) node.append(pair(key, part, depth));
  if (entries.length > CHILDREN) node.append(el("p", { class: "muted small" }, `and ${grouped(entries.length - CHILDREN)} more`));
  if (entries.length === 0) node.append(el("span", { class: "muted small" }, Array.isArray(data) ? "empty list" : "empty"));
  return node;
}

/** @param {string} key @param {unknown} part @param {number} depth */
function pair(key, part, depth) {
  if (part !== null && typeof part === "object") {
    const size = Array.isArray(part) ? part.length : Object.keys(part).length;
    if (size === 0) return line(key, el("span", { class: "val other" }, Array.isArray(part) ? "[]" : "{}"));
    const inside = el("div", { class: "payload" });
    const fill = () => {
      if (!inside.firstChild) inside.append(depth >= DEPTH ? block(JSON.stringify(part)) : value(part, depth + 1));
    };
    const details = el("details", { ontoggle: fill }, el("summary", null, name(key), ` ${Array.isArray(part) ? `list of ${grouped(size)}` : ""}`), inside);
    if (depth < 2 && size <= 30) {
      details.open = true;
      fill();
    }
    return details;
  }
  if (typeof part === "string" && (part.length > LONG || part.includes("\n"))) return el("div", null, el("div", { class: "pair" }, name(key)), block(part));
  return line(key, leaf(part));
}

/** @param {string} key @param {Node} shown */
const line = (key, shown) => el("div", { class: "pair" }, name(key), shown);

/** @param {string} key */
const name = (key) => el("bdi", { class: "key", dir: "ltr", title: key.length > 28 ? cut(spell(key), 400) : null }, cut(spell(key), 120));

/** @param {unknown} data */
function leaf(data) {
  if (typeof data === "string") return el("bdi", { class: "val", dir: "auto" }, data === "" ? '""' : spell(data.slice(0, TEXT)));
  return el("span", { class: `val ${typeof data === "number" ? "number" : "other"}` }, String(data));
}

/** @param {string} text */
function block(text) {
  const node = el("pre", { class: "block", dir: "auto", tabindex: "0" }, spell(text.slice(0, TEXT)));
  if (text.length > TEXT) node.append(`\n… ${grouped(text.length - TEXT)} more characters; copy the payload for all of it`);
  return node;
}

/**
 * A button that copies the whole payload, and its size.
 * @param {import("../types.js").EventDetail} detail
 */
export function payloadTools(detail) {
  const { body } = detail;
  const text = body === null ? "" : body.form === "text" ? body.value : JSON.stringify(body.value, null, 2);
  const button = el("button", { class: "btn tiny", type: "button", onclick: () => copy(text, button) }, "Copy payload");
  return el("div", { class: "bar" }, body && button, el("span", { class: "muted small" }, joined(bytes(detail.event.body_bytes))));
}
