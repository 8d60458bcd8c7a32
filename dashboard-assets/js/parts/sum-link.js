// @ts-check
/** A number that leads to the requests it sums. */
import { attr, el, remake } from "../dom.js";
import { amount, costWords, requestsPath } from "../costs.js";
import { count, grouped } from "../format.js";

/** @typedef {import("../costs.js").What} What */
/** @typedef {import("../costs.js").Where} Where */

/**
 * The exact value stands on hover and in `data-exact`. A quiet one is no stop of the tab key: a neighbour leads to the same rows.
 * @param {What} what
 * @param {boolean} [quiet]
 */
export function sumLink(what, quiet = false) {
  const node = el("a", { class: "sum", "data-sums": what, tabindex: quiet ? "-1" : null });
  return {
    node,
    /** @param {import("../types.js").CostSums} sums @param {Where|null} where null when no address can say which */
    update(sums, where) {
      const value = amount(sums, what);
      attr(node, "href", where && requestsPath(where));
      attr(node, "data-exact", value ?? "unknown");
      attr(node, "data-unknown", what === "cost_usd" ? sums.unknown_cost_requests : null);
      const words = what === "cost_usd" ? { unit: "", ...costWords(sums) } : { ...count(value), more: "", title: grouped(value ?? 0) };
      attr(node, "title", words.title);
      remake(node, words, () => [words.value, words.unit && el("span", { class: "unit" }, ` ${words.unit}`), words.more && el("span", { class: "unit more" }, ` ${words.more}`)]);
    },
  };
}

/**
 * Several numbers of the same requests, by what they sum.
 * @template {What} T
 * @param {T[]} whats the first is a stop of the tab key
 */
export function sumLinks(whats) {
  const links = whats.map((what, at) => sumLink(what, at > 0));
  return {
    nodes: links.map((link) => link.node),
    /** @param {import("../types.js").CostSums} sums @param {Where|null} where */
    update(sums, where) {
      for (const link of links) link.update(sums, where);
    },
  };
}
