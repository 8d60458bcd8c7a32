// @ts-check
/** Is the tool itself healthy and small: state, books, latencies, size and growth. */
import { el, remake, keyed, setText, attr } from "../dom.js";
import { icon } from "../icons.js";
import { read, latest } from "../api.js";
import { throttled } from "../stream.js";
import { balanced } from "../derive.js";
import { bytes, countText, date, duration, grouped, joined, latency } from "../format.js";
import { panel, csvButton, asTable, table } from "../parts/panel.js";
import { failure, loading, marked, command } from "../parts/states.js";
import { spark } from "../charts/spark.js";
import { findings } from "./health.js";

/** @typedef {import("../types.js").SystemView} SystemView */
/** @typedef {import("../types.js").Latency} Latency */

/** Refreshed by itself, because memory and sizes change without an event. */
const EVERY_MS = 10_000;

const NAMES = /** @type {Record<string, string>} */ ({ hook_latency: "Hook", ingest_lag: "Hook to store", commit: "Commit", query: "Query", http: "HTTP answer", local_probe: "Local model", local_probe_failed: "Local model, failed" });

/** @param {HTMLElement} root @returns {import("../types.js").View} */
export function system(root) {
  /** @type {SystemView|null} */
  let shown = null;
  const health = panel("Health");
  const healthList = el("ul", { class: "health" });
  health.node.append(healthList);

  const speed = panel("Latency, last 24 hours", csvButton("latency", () => csvOf(shown?.latencies ?? [])));
  const rows = el("tbody");
  const chart = el("table", { class: "table cards" }, el("caption", { class: "sr" }, "Latencies of the last 24 hours"), el("thead", null, el("tr", null, ...["What", "≈ Median", "≈ p95", "≈ p99", "Samples", "p95 by hour"].map((name, at) => el("th", { scope: "col", class: at > 0 && at < 5 && "num" }, name)))), rows);
  const behind = el("div", { class: "behind" });
  speed.header.append(asTable(chart, behind, () => hours()));
  speed.node.append(chart, behind);

  const books = panel("Books");
  const sum = el("div", { class: "books" });
  books.node.append(sum);
  const size = panel("Size and growth");
  const sizes = el("dl", { class: "pairs" });
  size.node.append(sizes);
  const process = panel("Process");
  const facts = el("dl", { class: "pairs" });
  process.node.append(facts);
  const places = panel("Where things lie");
  const paths = el("dl", { class: "facts paths" });
  places.node.append(paths);
  const page = el("div", { class: "stack" }, health.node, speed.node, el("div", { class: "halves" }, el("div", { class: "stack" }, books.node, size.node), el("div", { class: "stack" }, process.node, places.node)));
  const note = el("div", { class: "panel" }, loading(6));
  root.append(note);

  const hours = () => {
    if (!shown || behind.hidden) return;
    const { latencies, now_at } = shown;
    remake(behind, latencies.map((item) => item.p95_us_by_hour), () => [
      table([{ name: "Hours ago" }, ...latencies.map((item) => ({ name: `${NAMES[item.metric] ?? item.metric} p95`, num: true }))], Array.from({ length: 24 }, (_, at) => [at === 0 ? "this hour" : String(at), ...latencies.map((item) => joined(latency(item.p95_us_by_hour[item.p95_us_by_hour.length - 1 - at])))]), `Slowest twentieth by hour, up to ${date(now_at)}`),
    ]);
  };

  const question = latest((/** @type {SystemView} */ view) => {
    shown = view;
    remake(healthList, findings(view), () => findings(view).map((item) => el("li", { class: item.level }, icon(item.level === "good" ? "check" : "warn"), el("span", { class: "name" }, item.name), el("span", null, ...marked(item.text)))));
    keyed(rows, view.latencies, (item) => item.metric, latencyRow);
    hours();
    const { counters } = view;
    remake(sum, counters, () => booksOf(counters));
    remake(sizes, [view.database, view.spool], () => pairs([
      ["Database", joined(bytes(view.database.size_bytes)), `${grouped(view.database.size_bytes)} bytes`],
      ["Write-ahead log", joined(bytes(view.database.wal_bytes)), ""],
      ["Growth a day", view.database.growth_bytes_per_day === null ? "known after a day" : joined(bytes(view.database.growth_bytes_per_day)), "Mean of the last 7 days"],
      ["Free on its disk", joined(bytes(view.database.disk_free_bytes)), ""],
      ["Events", countText(view.database.events), grouped(view.database.events)],
      ["Sessions", countText(view.database.sessions), grouped(view.database.sessions)],
      ["Oldest event", view.database.oldest_at === null ? "none" : date(view.database.oldest_at), ""],
      ["Spool", view.spool.pending === 0 ? "empty" : `${countText(view.spool.pending)} · ${joined(bytes(view.spool.size_bytes))}`, "Events that hooks kept while the daemon was away"],
    ]));
    remake(facts, [view.process, Math.floor(view.uptime_s / 10)], () => pairs([
      ["Up for", duration(view.uptime_s * 1e6), ""],
      ["Memory", joined(bytes(view.process.rss_bytes)), ""],
      ["CPU used", view.process.cpu_s === null ? "–" : `${duration(view.process.cpu_s * 1e6)}`, view.uptime_s > 0 && view.process.cpu_s !== null ? `${((view.process.cpu_s / view.uptime_s) * 100).toFixed(2)} % of one core since start` : ""],
      ["Open files", countText(view.process.open_fds), ""],
      ["Open pages", countText(view.process.streams), ""],
      ["Writer queue", countText(view.process.queue_depth), ""],
    ]));
    remake(paths, [view.version, view.pid, view.socket, view.http, view.database.path], () => [
      ["Version", `orchd ${view.version}, schema ${view.schema_version}, SQLite ${view.sqlite_version}`], ["Process", String(view.pid)], ["Durability", view.durability],
    ].flatMap(([name = "", text = ""]) => [el("dt", null, name), el("dd", null, text)]).concat([["Socket", view.socket], ["Address", view.http], ["Database", view.database.path]].flatMap(([name = "", text = ""]) => [el("dt", null, name), el("dd", { class: "mono" }, text)]), [el("dt", null, "More"), el("dd", null, command("orchd doctor"))]));
    if (!page.isConnected) root.replaceChildren(page);
  }, (error) => {
    if (!shown) remake(note, String(error), () => [failure(error, load)]);
  });
  function load() {
    void question.run((signal) => read("system", {}, signal));
  }
  const again = throttled(load, 2000);
  const timer = setInterval(() => { if (!document.hidden) again.ask(); }, EVERY_MS);
  load();
  return {
    title: "System",
    update: () => {},
    changed: again.ask,
    destroy() {
      clearInterval(timer);
      again.stop();
      question.stop();
    },
  };
}

/** @param {Latency} first */
function latencyRow(first) {
  const [p50, p95, p99, samples] = ["Median", "p95", "p99", "Samples"].map((name) => el("td", { class: "num", "data-name": name }));
  const line = spark();
  const node = el("tr", { class: "row" }, el("td", { class: "wide" }, el("div", null, NAMES[first.metric] ?? first.metric), el("div", { class: "muted small" }, first.meaning)), p50 ?? "", p95 ?? "", p99 ?? "", samples ?? "", el("td", { class: "spark-cell" }, line.node));
  return {
    node,
    /** @param {Latency} item */
    update(item) {
      for (const [cell, value] of /** @type {[HTMLElement, number|null][]} */ ([[p50, item.p50_us], [p95, item.p95_us], [p99, item.p99_us]])) {
        setText(cell, joined(latency(value)));
        attr(cell, "title", value === null ? "No sample yet" : `${grouped(Math.round(value))} µs, within 12.5 %`);
      }
      if (samples) setText(samples, countText(item.samples));
      line.update(item.p95_us_by_hour, "p95 by hour; the table has the figures");
    },
  };
}

/** @param {SystemView["counters"]} counters */
const booksOf = (counters) => [
  part(counters.received, "received"), el("span", { class: "op" }, balanced(counters) ? "=" : "≠"), part(counters.stored, "stored"), el("span", { class: "op" }, "+"),
  part(counters.duplicate, "delivered twice, kept once"), el("span", { class: "op" }, "+"), part(counters.rejected, "unusable"), el("span", { class: "op" }, "+"), part(counters.dropped, "dropped"),
];

/** @param {number} value @param {string} word */
const part = (value, word) => el("span", { class: "part", title: grouped(value) }, el("span", { class: "sum" }, grouped(value)), el("small", null, word));

/** @param {[string, string, string][]} list */
const pairs = (list) => list.map(([name, text, title]) => el("div", null, el("dt", null, name), el("dd", { title: title || null }, text)));

/** @param {Latency[]} list */
const csvOf = (list) => ({ head: ["metric", "samples", "p50_us", "p95_us", "p99_us", ...Array.from({ length: 24 }, (_, at) => `p95_us_${23 - at}h_ago`)], rows: list.map((item) => [item.metric, item.samples, item.p50_us, item.p95_us, item.p99_us, ...item.p95_us_by_hour]) });
