// @ts-check
/** The parts that filters are made of. */
import { el, attr, remake } from "../dom.js";
import { icon } from "../icons.js";
import { refine } from "../router.js";
import { clean, cut } from "../text.js";

/**
 * A search field that writes itself into the address as one types.
 * @param {string} label
 * @param {string} [name] of the query
 */
export function searchField(label, name = "q") {
  const input = el("input", { class: "field", type: "search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false" });
  /** @type {number|undefined} */
  let timer;
  const apply = () => {
    clearTimeout(timer);
    refine({ [name]: input.value.trim(), cursor: null }, { replace: true });
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") apply();
    if (event.key === "Escape" && input.value) {
      event.preventDefault();
      input.value = "";
      apply();
    }
  });
  return {
    node: el("div", { class: "search" }, icon("search"), input, el("kbd", { "aria-hidden": "true" }, "/")),
    input,
    /** @param {string|undefined} value */
    update(value) {
      if (document.activeElement !== input) input.value = value ?? "";
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * @param {string} label
 * @param {string} name of the query
 * @param {[string, string][]} choices value and word; the empty value means all
 */
export function choice(label, name, choices) {
  const select = el("select", { class: "field", "aria-label": label, onchange: () => refine({ [name]: select.value, cursor: null }) });
  /** @param {[string, string][]} next @param {string} chosen */
  const fill = (next, chosen) =>
    remake(select, [next, chosen], () => [...next, ...(next.some(([value]) => value === chosen) ? [] : [/** @type {[string, string]} */ ([chosen, chosen])])].map(([value, word]) => el("option", { value }, cut(clean(word), 48))));
  let known = choices;
  return {
    node: select,
    /** @param {string|undefined} value @param {[string, string][]} [next] */
    update(value, next) {
      if (next) known = next;
      fill(known, value ?? "");
      select.value = value ?? "";
    },
  };
}

/**
 * A filter that is on or off.
 * @param {string} word
 * @param {string} name of the query
 */
export function toggle(word, name) {
  const button = el("button", { class: "btn", type: "button", "aria-pressed": "false", onclick: () => refine({ [name]: button.getAttribute("aria-pressed") === "true" ? null : "true", cursor: null }) }, word);
  return { node: button, update: (/** @type {string|undefined} */ value) => attr(button, "aria-pressed", String(value === "true")) };
}

/**
 * Filters that came by a link, each with a cross.
 * @param {Record<string, string>} names of the query, with their words
 */
export function chips(names) {
  const node = el("div", { class: "bar" });
  return {
    node,
    /** @param {Record<string, string>} query */
    update(query) {
      const on = Object.keys(names).filter((name) => query[name]);
      node.hidden = on.length === 0;
      remake(node, on.map((name) => [name, query[name]]), () =>
        on.map((name) => el("button", { class: "chip", type: "button", title: "Remove this filter", onclick: () => refine({ [name]: null, cursor: null }) }, `${names[name]}: `, el("bdi", { class: "cut" }, cut(clean(query[name]), 32)), el("span", { class: "sr" }, ", remove filter"), icon("cross"))));
    },
  };
}
