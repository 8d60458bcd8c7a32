// @ts-check
/** What happened over a range: the bars, the table behind them, and by tool and project. */
import { el, foreign, remake, setText } from "../dom.js";
import { coarser, totals } from "../derive.js";
import { countText, date, duration, exact, joined, latency, ratio, time } from "../format.js";
import { go, href } from "../router.js";
import { bars } from "../charts/bars.js";
import { asTable, panel, table } from "./panel.js";
import { empty, failure } from "./states.js";

/** @typedef {import("../types.js").Activity} Activity */
/** @typedef {import("../types.js").ActivityBucket} Bucket */

/** From the lowest of a stack to the highest. */
const SERIES = /** @type {{label: string, role: string, value: (bucket: Bucket) => number}[]} */ ([
  { label: "Failed calls", role: "chart-failed", value: (bucket) => bucket.tool_failures },
  { label: "Tool calls", role: "chart-calls", value: (bucket) => bucket.tool_calls - bucket.tool_failures },
  { label: "Prompts", role: "chart-prompts", value: (bucket) => bucket.prompts },
]);

const TITLES = /** @type {Record<string, string>} */ ({ "15m": "Last 15 minutes", "1h": "Last hour", "24h": "Last 24 hours", "7d": "Last 7 days", "30d": "Last 30 days" });

export function activityPanel() {
  const behind = el("div", { class: "behind" });
  const legend = el("p", { class: "legend" });
  const chart = bars((at) => {
    const bucket = shown[at];
    if (last && bucket) go(href("/activity", { from: bucket.at, to: bucket.at + per * last.bucket_s * 1_000_000 }));
  });
  const nothing = el("p", { class: "muted" }, "Nothing happened in this time. Choose a longer one above.");
  const top = panel("Last 24 hours", asTable(chart.node, behind, () => fillTable()));
  const inside = el("div", { class: "inside" }, legend, chart.node, nothing, behind);
  top.node.append(inside);
  const tools = panel("Tools");
  const toolRows = el("div");
  tools.node.append(toolRows);
  const projects = panel("Projects");
  const projectRows = el("div");
  projects.node.append(projectRows);
  const node = el("div", { class: "stack" }, top.node, tools.node);
  /** @type {Activity|null} */
  let last = null;
  /** @type {Bucket[]} */
  let shown = [];
  let per = 1;

  const fillTable = () => {
    if (!last || behind.hidden) return;
    const rows = last.buckets.filter((bucket) => bucket.events > 0).reverse();
    remake(behind, rows, () => [
      table(
        [{ name: "From" }, { name: "Events", num: true }, { name: "Prompts", num: true }, { name: "Calls", num: true }, { name: "Failed", num: true }, { name: "Agents", num: true }],
        rows.map((bucket) => [exact(bucket.at).slice(0, 16), countText(bucket.events), countText(bucket.prompts), countText(bucket.tool_calls), countText(bucket.tool_failures), countText(bucket.agents)]),
        "Events over time; times without events are left out",
      ),
    ]);
  };

  return {
    node,
    projects: projects.node,
    /** @param {Activity} activity @param {import("../types.js").Route} route */
    update(activity, route) {
      last = activity;
      const { query } = route;
      setText(top.heading, query.from || query.to ? "Chosen time" : (TITLES[query.range ?? "24h"] ?? "Activity"));
      const sum = totals(activity.buckets);
      nothing.hidden = sum.events > 0;
      legend.hidden = sum.events === 0;
      remake(legend, sum, () => [
        el("span", { class: "prompts" }, el("i"), el("b", null, countText(sum.prompts)), "prompts"),
        el("span", { class: "calls" }, el("i"), el("b", null, countText(sum.tool_calls)), "tool calls"),
        el("span", { class: "failed" }, el("i"), el("b", null, countText(sum.tool_failures)), "failed"),
      ]);
      shown = coarser(activity.buckets, 96);
      per = Math.max(1, Math.ceil(activity.buckets.length / 96));
      const days = activity.bucket_s * per * shown.length > 172_800;
      chart.update({
        series: SERIES.map(({ label, role, value }) => ({ label, role, values: shown.map(value) })),
        title: (at) => (shown[at] ? exact(shown[at].at).slice(0, 16) : ""),
        tick: (at) => (shown[at] ? (days ? date(shown[at].at).slice(5) : time(shown[at].at)) : ""),
      }, `Bars of ${sum.prompts} prompts, ${sum.tool_calls} tool calls and ${sum.tool_failures} failed calls over time. The same as a table: use View as table.`);
      fillTable();
      const bounds = { range: query.range ?? "24h", from: query.from, to: query.to };
      remake(toolRows, activity.tools, () => [activity.tools.length ? toolTable(activity, bounds) : empty("No tool was called", "Calls show here with their median and slowest times.")]);
      remake(projectRows, activity.projects, () => [projectTable(activity, bounds)]);
      projects.node.hidden = activity.projects.length < 2;
    },
    /** @param {unknown} error @param {() => void} again */
    fail(error, again) {
      remake(toolRows, String(error), () => [failure(error, again)]);
    },
    destroy: chart.destroy,
  };
}

/**
 * How long calls took comes from bins an eighth wide on either side, so it is marked as about right.
 * @param {Activity} activity @param {Record<string, string|undefined>} bounds
 */
const toolTable = (activity, bounds) =>
  table(
    [{ name: "Tool" }, { name: "Calls", num: true }, { name: "Failed", num: true }, { name: "≈ Median", num: true }, { name: "≈ p95", num: true }],
    activity.tools.slice(0, 10).map((tool) => [
      el("a", { class: "name", href: href("/activity", { tool: tool.tool_name, ...range(bounds) }) }, foreign(tool.tool_name)),
      countText(tool.calls),
      failed(tool.calls, tool.failures),
      joined(latency(tool.p50_ms === null ? null : tool.p50_ms * 1000)),
      tool.p95_ms === null ? "–" : duration(tool.p95_ms * 1000),
    ]),
    "Tool calls by tool",
  );

/** @param {Activity} activity @param {Record<string, string|undefined>} bounds */
const projectTable = (activity, bounds) =>
  table(
    [{ name: "Project" }, { name: "Prompts", num: true }, { name: "Calls", num: true }, { name: "Failed", num: true }],
    activity.projects.slice(0, 8).map((row) => [
      el("a", { class: "name", href: href("/activity", { project: row.project_dir, ...range(bounds) }), title: row.project_dir }, foreign(row.project)),
      countText(row.prompts),
      countText(row.tool_calls),
      failed(row.tool_calls, row.tool_failures),
    ]),
    "Activity by project",
  );

/** @param {Record<string, string|undefined>} bounds */
const range = (bounds) => (bounds.from || bounds.to ? { from: bounds.from, to: bounds.to } : { range: bounds.range });

/** @param {number} calls @param {number} failures */
const failed = (calls, failures) => (failures ? el("span", { class: failures >= 3 && failures / calls >= 0.05 ? "bad" : null, title: `${failures} of ${calls}` }, countText(failures), el("span", { class: "unit" }, ` ${joined(ratio(failures / calls))}`)) : "0");
