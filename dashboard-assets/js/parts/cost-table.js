// @ts-check
/** Costs by model, project, agent, session or prompt: each number leads to its requests. */
import { attr, el, foreign, keyed, remake, setForeign, setText } from "../dom.js";
import { GROUPS, KINDS, NARROWS, cacheUse, seriesKeys, seriesRole, shareOf, sorted, whereOfRow } from "../costs.js";
import { countText, grouped, joined, ratio } from "../format.js";
import { clean } from "../text.js";
import { csvButton, panel } from "./panel.js";
import { sortHead } from "./sort-head.js";
import { sumLinks } from "./sum-link.js";

/** @typedef {import("../types.js").CostSums} CostSums */
/** @typedef {import("../types.js").CostRow} CostRow */
/** @typedef {import("../costs.js").What} What */
/** @typedef {import("./cost-chart.js").Shown & {open: (key: string) => string|null}} Shown `open`: where the name of a row leads */
/** @typedef {{row: CostRow, shown: Shown, role: string|null}} Line */

const FEW = 25;
const SUMS = /** @type {What[]} */ (["cost_usd", "requests", ...KINDS.map(([what]) => what)]);
const COLUMNS = /** @type {import("./sort-head.js").Column[]} */ ([
  { name: "Name", sort: "name" }, { name: "Cost", sort: "cost_usd", num: true }, { name: "Share", num: true, title: "Of the known cost of these days" }, { name: "Requests", sort: "requests", num: true },
  ...KINDS.map(([what, name, title]) => ({ name, sort: what, num: true, title })),
  { name: "From cache", sort: "cache", num: true, title: "Share of the prompts’ tokens that came from the cache" },
]);

/** @param {(group: string) => string} [titleOf] @param {boolean} [charted] whether a chart has a colour for each row */
export function costTable(titleOf = (group) => `By ${group}`, charted = true) {
  /** @type {Shown|null} */
  let last = null;
  let most = FEW;
  let group = "";
  const count = el("span", { class: "count" });
  const top = panel("", csvButton("costs", () => csvOf(last)));
  const heads = COLUMNS.map((column) => sortHead(column, () => last?.query ?? {}, "cost_usd"));
  const body = el("tbody");
  const foot = el("tfoot");
  const title = el("span");
  top.heading.replaceChildren(title, " ", count);
  const table = el("table", { class: "table cards costs-table" }, el("caption", { class: "sr" }, "Costs"), el("thead", null, el("tr", null, ...heads.map((head) => head.node))), body, foot);
  const more = el("div", { class: "pager" });
  const cache = el("p", { class: "muted small inside cache-words" });
  top.node.append(cache, table, more);

  /** @param {Shown} shown */
  function update(shown) {
    last = shown;
    const { costs, query } = shown;
    if (group !== costs.group) most = FEW;
    group = costs.group;
    setText(title, titleOf(costs.group));
    setText(count, costs.rows.length ? countText(costs.rows.length) : "");
    for (const head of heads) head.update();
    const series = charted ? seriesKeys(costs) : [];
    const rows = sorted(costs.rows, query.sort, query.order);
    const lines = rows.slice(0, most).map((row) => ({ row, shown, role: roleOf(series, row.key, costs.rows.indexOf(row)) }));
    keyed(body, lines, (line) => `${costs.group} ${line.row.key}`, rowOf);
    keyed(foot, [...(costs.other ? [{ name: `The others, beyond ${grouped(costs.rows.length)}`, sums: costs.other, where: null, shown }] : []), { name: "All", sums: costs.total, where: shown.where, shown }], (line) => line.name, sumOf);
    foot.hidden = costs.rows.length < 2 && costs.other === null;
    top.node.hidden = costs.total.requests === 0;
    more.hidden = rows.length <= most;
    remake(more, [rows.length, most], () => [el("button", { class: "btn", type: "button", onclick: () => { most += FEW; if (last) update(last); } }, `Show ${grouped(Math.min(FEW, rows.length - most))} more`), `${grouped(most)} of ${grouped(rows.length)}`]);
    setText(cache, cacheWords(costs.total));
    cache.hidden = cache.textContent === "";
  }
  return { node: top.node, update };
}

/**
 * How well the cache works, and what that means.
 * @param {CostSums} sums
 */
export function cacheWords(sums) {
  const { share, reads_per_write: reads } = cacheUse(sums);
  if (share === null) return "";
  const each = reads === null ? "" : `: here each token written was read ${reads < 9.95 ? reads.toFixed(1) : countText(Math.round(reads))} times`;
  return `${joined(ratio(share))} of the prompts’ tokens came from the cache, at a fraction of the price of reading them anew. Writing into it costs extra, which pays only when it is read again${each}.`;
}

/** @param {(string|null)[]} series @param {string} key @param {number} at */
function roleOf(series, key, at) {
  if (series.length === 0) return null;
  return series.includes(key) ? seriesRole(key, at) : seriesRole(null, at);
}

/** A row's cells; the same for one key and for sums of many. @param {Node} name */
function cells(name) {
  const sums = sumLinks(SUMS);
  const bar = el("i");
  const share = el("span");
  const cache = el("td", { class: "num", "data-name": "From cache" });
  const [cost = "", requests = "", ...tokens] = sums.nodes;
  const node = el("tr", { class: "row" },
    el("td", { class: "wide cell" }, name),
    el("td", { class: "num strong", "data-name": "Cost" }, cost),
    el("td", { class: "num cost-share" }, el("div", { class: "share-bar" }, bar), share),
    el("td", { class: "num", "data-name": "Requests" }, requests),
    ...tokens.map((link, at) => el("td", { class: "num", "data-name": KINDS[at]?.[1] }, link)),
    cache);
  return {
    node,
    /** @param {CostSums} part @param {CostSums} total @param {import("../costs.js").Where|null} where */
    update(part, total, where) {
      sums.update(part, where);
      const of = shareOf(part, total);
      bar.style.width = `${((of ?? 0) * 100).toFixed(1)}%`;
      setText(share, joined(ratio(of)));
      const used = cacheUse(part);
      setText(cache, joined(ratio(used.share)));
      attr(cache, "title", used.reads_per_write === null ? "Nothing was written into the cache" : `${grouped(Number(used.reads_per_write.toFixed(1)))} tokens read for each one written`);
    },
  };
}

/** @param {Line} first */
function rowOf(first) {
  const { row, shown } = first;
  const mark = el("i", { class: "swatch" });
  const name = foreign("");
  const link = el("a", { class: "name", "data-stop": true }, name);
  const line = cells(el("span", { class: "cost-name" }, mark, link));
  attr(link, "href", shown.open(row.key));
  return {
    node: line.node,
    /** @param {Line} next */
    update({ row: sums, shown: now, role }) {
      mark.hidden = role === null;
      attr(mark, "class", `swatch ${role ?? ""}`);
      setForeign(name, now.name(sums.key));
      attr(link, "title", now.costs.group === "project" || now.costs.group === "session" ? clean(sums.key) : null);
      attr(link, "href", now.open(sums.key));
      line.update(sums, now.costs.total, whereOfRow(now.costs.group, sums.key, now.where));
    },
  };
}

/** @typedef {{name: string, sums: CostSums, where: import("../costs.js").Where|null, shown: Shown}} Sum */

/** @param {Sum} first */
function sumOf(first) {
  const line = cells(document.createTextNode(first.name));
  return { node: line.node, update: (/** @type {Sum} */ next) => line.update(next.sums, next.shown.costs.total, next.where) };
}

/** @param {Shown|null} shown */
function csvOf(shown) {
  if (!shown) return { head: [], rows: [] };
  const { costs, query, where, name } = shown;
  const rows = sorted(costs.rows, query.sort, query.order);
  return {
    head: [costs.group, "name", "cost_usd", "unknown_cost_requests", "requests", ...KINDS.map(([what]) => what), ...NARROWS],
    rows: rows.map((row) => [row.key, name(row.key), row.cost_usd, row.unknown_cost_requests, row.requests, row.input_tokens, row.output_tokens, row.cache_creation_input_tokens, row.cache_read_input_tokens, ...NARROWS.map((one) => where[one])]),
  };
}

/** The groups that a choice of filters leaves useful. @param {Record<string, string>} query */
export const groupsOf = (query) => GROUPS.filter(([group]) => group !== "prompt" || query.session);
