// @ts-check
/** A surface with a heading, and a chart with the table behind it. */
import { el, remake } from "../dom.js";
import { icon } from "../icons.js";
import { csv } from "../csv.js";

let numbers = 0;

/**
 * @param {string} title
 * @param {...(Node|null)} tools
 */
export function panel(title, ...tools) {
  const id = `panel-${(numbers += 1)}`;
  const heading = el("h2", { id }, title);
  const header = el("header", null, heading, ...tools);
  const node = el("section", { class: "panel", "aria-labelledby": id }, header);
  return { node, header, heading };
}

/**
 * A simple table. Cells are texts or nodes; the first column is the heading of its row.
 * @param {{name: string, num?: boolean}[]} columns
 * @param {(string|number|Node|null)[][]} rows
 * @param {string} caption
 */
export const table = (columns, rows, caption) =>
  el(
    "table",
    { class: "table" },
    el("caption", { class: "sr" }, caption),
    el("thead", null, el("tr", null, ...columns.map((column) => el("th", { scope: "col", class: column.num && "num" }, column.name)))),
    el("tbody", null, ...rows.map((row) => el("tr", { class: "row" }, ...row.map((cell, at) => el("td", { class: columns[at]?.num ? "num" : at === 0 ? "cell first" : null }, cell ?? "–"))))),
  );

/**
 * A box whose tables are scrolled sideways where they do not fit, by keys too.
 * @param {string} label
 */
export const sideways = (label) => el("div", { class: "sideways", tabindex: "0", role: "group", "aria-label": label });

/**
 * The button that saves what a list shows.
 * @param {string} file
 * @param {() => {head: string[], rows: unknown[][]}} rows
 */
export const csvButton = (file, rows) =>
  el("button", { class: "btn plain", type: "button", title: "Save what this list shows as CSV", onclick: () => save(file, rows()) }, icon("save"), "CSV");

/** @param {string} file @param {{head: string[], rows: unknown[][]}} content */
export function save(file, content) {
  const address = URL.createObjectURL(new Blob(["\ufeff", csv(content.head, content.rows)], { type: "text/csv;charset=utf-8" }));
  const link = el("a", { href: address, download: `${file}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * The button behind which a chart's table lies.
 * @param {HTMLElement} chart
 * @param {HTMLElement} behind
 * @param {(open: boolean) => void} onopen
 */
export function asTable(chart, behind, onopen) {
  behind.hidden = true;
  const button = el("button", { class: "btn plain", type: "button", "aria-pressed": "false" });
  const show = (/** @type {boolean} */ open) => {
    chart.hidden = open;
    behind.hidden = !open;
    button.setAttribute("aria-pressed", String(open));
    remake(button, open, () => [icon("table"), open ? "View as chart" : "View as table"]);
    if (open) onopen(true);
  };
  button.addEventListener("click", () => show(behind.hidden));
  remake(button, false, () => [icon("table"), "View as table"]);
  return button;
}
