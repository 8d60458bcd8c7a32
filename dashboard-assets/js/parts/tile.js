// @ts-check
/** One figure of today: value, change against the usual, spark line, link to its rows. */
import { el, setText, attr, remake } from "../dom.js";
import { icon } from "../icons.js";
import { compare } from "../derive.js";
import { figure, grouped, usdExact } from "../format.js";
import { own } from "../url.js";
import { spark } from "../charts/spark.js";

/** @typedef {import("../types.js").Tile} Tile */

/** @param {Tile} first */
export function tile(first) {
  const value = el("span", { class: "value" });
  const change = el("span", { class: "change" });
  const line = spark();
  const label = el("span", { class: "label" }, first.label);
  const node = el("a", { class: "tile", href: "/" }, label, value, change, line.node);
  return {
    node,
    /** @param {Tile} tile */
    update(tile) {
      attr(node, "href", own(tile.href) ?? "/activity");
      setText(label, tile.label);
      const parts = figure(tile.value, tile.unit);
      const unknown = tile.value === null ? 0 : tile.unknown_cost_requests;
      remake(value, [parts, unknown], () => [parts.value, parts.unit && el("span", { class: "unit" }, ` ${parts.unit}`), unknown > 0 && el("span", { class: "unit" }, ` + ${unknown} unknown`)]);
      attr(value, "title", tile.value === null ? "No figure yet" : tile.unit === "usd" ? usdExact(tile.value) : grouped(Number(tile.value.toFixed(4))));
      const compared = compare(tile);
      remake(change, compared, () => [compared.direction !== "none" && icon(compared.direction), compared.text]);
      attr(change, "class", `change ${compared.tone}`);
      attr(change, "title", compared.title || null);
      line.node.hidden = tile.spark.length < 2;
      line.update(tile.spark, `Last 24 hours by hour: lowest ${joinedFigure(Math.min(...tile.spark), tile.unit)}, highest ${joinedFigure(Math.max(...tile.spark), tile.unit)}`);
    },
  };
}

/** @param {number} value @param {string} unit */
const joinedFigure = (value, unit) => { const parts = figure(Number.isFinite(value) ? value : null, unit); return `${parts.value} ${parts.unit}`.trim(); };
