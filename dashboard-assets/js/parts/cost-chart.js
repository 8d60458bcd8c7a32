// @ts-check
/** Spend over time: stacked bars by what is chosen, the table behind them, and the sum of all of it. */
import { el, remake, setText } from "../dom.js";
import { bars } from "../charts/bars.js";
import { requestsPath, seriesKeys, seriesRole, whereOfRow } from "../costs.js";
import { allKeys, bucketName, daysOf, daysWord } from "../days.js";
import { grouped, usd, usdExact } from "../format.js";
import { asTable, panel, table } from "./panel.js";
import { sumLink, sumLinks } from "./sum-link.js";

/** @typedef {import("../types.js").Costs} Costs */
/** @typedef {import("../types.js").CostBucket} CostBucket */
/** @typedef {{costs: Costs, query: Record<string, string>, where: import("../costs.js").Where, today: string, name: (key: string) => string}} Shown */

/** @param {(days: {since: string, until: string}) => void} onpick */
export function costChart(onpick) {
  /** @type {Shown|null} */
  let last = null;
  /** @type {string[]} */
  let keys = [];
  const behind = el("div", { class: "behind" });
  const legend = el("p", { class: "legend" });
  const chart = bars((at) => {
    const key = keys[at];
    if (last && key) onpick(daysOf(last.costs.bucket, key, last.costs));
  });
  const nothing = el("p", { class: "muted" });
  const turn = asTable(chart.node, behind, () => fillTable());
  const top = panel("Spend over time", turn);
  const sum = sumLink("cost_usd");
  const rest = sumLinks(["requests", "tokens"]);
  const [requests = "", tokens = ""] = rest.nodes;
  const days = el("span");
  const headline = el("p", { class: "headline" }, el("b", null, sum.node), days, el("span", { class: "muted" }, requests, " requests · ", tokens, " tokens"));
  top.node.append(el("div", { class: "inside" }, headline, legend, chart.node, nothing, behind));

  const fillTable = () => {
    if (last && !behind.hidden) remake(behind, [last.costs.over_time, last.where], () => [tableOf(/** @type {Shown} */ (last))]);
  };

  return {
    node: top.node,
    /** @param {Shown} shown */
    update(shown) {
      last = shown;
      const { costs, query, where } = shown;
      const { total, bucket, over_time: times } = costs;
      sum.update(total, where);
      rest.update(total, where);
      setText(days, daysWord(query, costs));
      keys = allKeys(bucket, times.map((one) => one.key), costs, shown.today);
      const drawn = times.some((one) => (one.cost_usd ?? 0) > 0);
      setText(nothing, emptyWords(costs));
      nothing.hidden = drawn;
      turn.hidden = costs.total.requests === 0;
      chart.node.classList.toggle("none", !drawn);
      const series = seriesOf(shown, keys);
      legend.hidden = !drawn || series.length < 2;
      remake(legend, series.map(({ label, role }) => [label, role]), () => series.map(({ label, role }) => el("span", null, el("i", { class: role }), el("bdi", null, label))));
      const at = new Map(times.map((one) => [one.key, one]));
      chart.update({
        series,
        title: (place) => bucketName(bucket, keys[place] ?? ""),
        tick: (place) => (keys[place] ?? "").slice(bucket === "month" ? 0 : 5),
        amount: usd,
        none: "no known cost",
        foot: (place) => footOf(at.get(keys[place] ?? "")),
      }, `Bars of cost by ${bucket}, ${usd(total.cost_usd)} in all${series.length > 1 ? `, by ${costs.group}: ${series.map(({ label }) => label).join(", ")}` : ""}. The same as a table: use View as table.`);
      fillTable();
    },
    destroy: chart.destroy,
  };
}

/** @param {Costs} costs */
const emptyWords = ({ total }) =>
  total.requests === 0 ? "No request in these days. Choose a longer time above." : total.cost_usd === null ? "None of these requests has a known price, so there is no cost to draw." : "These requests cost nothing.";

/** @param {CostBucket|undefined} bucket */
function footOf(bucket) {
  if (!bucket) return "no requests";
  const unknown = bucket.unknown_cost_requests ? `, ${grouped(bucket.unknown_cost_requests)} of unknown cost` : "";
  return `${bucket.cost_usd === null ? "unknown" : usdExact(bucket.cost_usd)} in ${grouped(bucket.requests)} requests${unknown}`;
}

/** @param {Shown} shown @param {string[]} keys */
function seriesOf({ costs, name }, keys) {
  const at = new Map(costs.over_time.map((one) => [one.key, one]));
  const parts = seriesKeys(costs);
  if (parts.length === 0) return [{ label: "Cost", role: "series-1", values: keys.map((key) => at.get(key)?.cost_usd ?? 0) }];
  return parts.map((part, place) => ({ label: part === null ? "all others" : name(part), role: seriesRole(part, place), values: keys.map((key) => at.get(key)?.parts_usd[place] ?? 0) }));
}

/** @param {Shown} shown */
function tableOf({ costs, where, name }) {
  const parts = seriesKeys(costs);
  const rows = [...costs.over_time].reverse().map((one) => {
    const within = { ...where, ...daysOf(costs.bucket, one.key, costs) };
    const whole = sumLinks(["cost_usd", "requests", "tokens"]);
    whole.update(one, within);
    return [bucketName(costs.bucket, one.key), ...whole.nodes, ...parts.map((part, at) => partOf(one.parts_usd[at] ?? 0, part === null ? null : whereOfRow(costs.group, part, within)))];
  });
  const named = costs.bucket === "day" ? "Day" : costs.bucket === "week" ? "Week" : "Month";
  return table([named, "Cost", "Requests", "Tokens", ...parts.map((part) => (part === null ? "all others" : name(part)))].map((title, at) => ({ name: title, num: at > 0 })), rows, "Cost over time, the newest first; times without requests are left out");
}

/** @param {number} part dollars @param {import("../costs.js").Where|null} where */
function partOf(part, where) {
  if (part === 0) return el("span", { class: "muted" }, "–");
  return el("a", { class: "sum", tabindex: "-1", href: where && requestsPath(where), "data-sums": "cost_usd", "data-exact": part, title: usdExact(part) }, usd(part));
}
