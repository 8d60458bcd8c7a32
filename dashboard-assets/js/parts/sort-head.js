// @ts-check
/** The heading of a column that sorts. */
import { attr, el, remake } from "../dom.js";
import { icon } from "../icons.js";
import { refine } from "../router.js";

/** @typedef {{name: string, sort?: string, num?: boolean, unseen?: boolean, title?: string}} Column */

/**
 * @param {Column} column
 * @param {() => Record<string, string>} query
 * @param {string} usual what is sorted by without a choice, the largest first
 */
export function sortHead(column, query, usual) {
  const node = el("th", { scope: "col", class: column.num && "num", title: column.title });
  return {
    node,
    update() {
      const { sort = usual, order = "desc" } = query();
      const on = column.sort === sort;
      attr(node, "aria-sort", on ? (order === "asc" ? "ascending" : "descending") : null);
      remake(node, [on, order], () => [
        column.sort ? el("button", { type: "button", onclick: () => refine({ sort: column.sort, order: on && order === "desc" ? "asc" : "desc", cursor: null }) }, column.name, on && icon(order === "asc" ? "up" : "down")) : column.unseen ? el("span", { class: "sr" }, column.name) : column.name,
      ]);
    },
  };
}
