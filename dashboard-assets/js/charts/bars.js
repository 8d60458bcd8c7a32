// @ts-check
/** Events over time as stacked bars, drawn by the vendored Chart.js, which is loaded with the first chart. */
import { el } from "../dom.js";
import { color, onTheme } from "./colors.js";
import { date, time, exact } from "../format.js";
import { failure } from "../parts/states.js";

/** @type {Promise<any>|null} */
let loadingChart = null;
/** @returns {Promise<any>} */
const chartJs = () => (loadingChart ??= import(/** @type {any} */ ("../../vendor/chart.umd.min.js")).then(() => /** @type {any} */ (globalThis).Chart));

/** @typedef {import("../types.js").ActivityBucket} Bucket */

const SERIES = /** @type {{label: string, role: string, value: (bucket: Bucket) => number}[]} */ ([
  { label: "Failed calls", role: "chart-failed", value: (bucket) => bucket.tool_failures },
  { label: "Tool calls", role: "chart-calls", value: (bucket) => bucket.tool_calls - bucket.tool_failures },
  { label: "Prompts", role: "chart-prompts", value: (bucket) => bucket.prompts },
]);

/**
 * @param {(bucket: Bucket) => void} onpick
 */
export function bars(onpick) {
  const canvas = el("canvas", { role: "img", "aria-label": "Events over time" });
  const node = el("div", { class: "chart" }, canvas);
  /** @type {any} */
  let chart = null;
  /** @type {Bucket[]} */
  let shown = [];
  let width_s = 900;
  let gone = false;

  const paint = () => {
    if (!chart) return;
    SERIES.forEach((series, at) => { chart.data.datasets[at].backgroundColor = color(series.role); });
    for (const axis of [chart.options.scales.x, chart.options.scales.y]) axis.ticks.color = color("muted");
    chart.options.scales.y.grid.color = color("chart-grid");
    chart.options.scales.x.border.color = color("line");
    Object.assign(chart.options.plugins.tooltip, { backgroundColor: color("raised"), titleColor: color("text"), bodyColor: color("text"), borderColor: color("line") });
  };
  const fill = () => {
    chart.data.labels = shown.map((bucket) => bucket.at);
    SERIES.forEach((series, at) => { chart.data.datasets[at].data = shown.map(series.value); });
    chart.update("none");
  };
  const off = onTheme(() => { paint(); chart?.update("none"); });

  chartJs().then((Chart) => {
    if (gone) return;
    chart = new Chart(canvas, { type: "bar", data: { labels: [], datasets: SERIES.map((series) => ({ label: series.label, backgroundColor: color(series.role), data: [], stack: "all", barPercentage: 0.92, categoryPercentage: 0.92 })) }, options: options(() => shown, () => width_s, onpick) });
    paint();
    fill();
  }, () => { if (!gone) node.replaceChildren(failure(new Error("The chart could not be loaded"))); });

  return {
    node,
    /** @param {Bucket[]} buckets @param {number} bucket_s @param {string} label */
    update(buckets, bucket_s, label) {
      shown = buckets;
      width_s = bucket_s;
      canvas.setAttribute("aria-label", label);
      if (chart) fill();
    },
    destroy() {
      gone = true;
      off();
      chart?.destroy();
    },
  };
}

/** @param {() => Bucket[]} shown @param {() => number} width_s @param {(bucket: Bucket) => void} onpick */
const options = (shown, width_s, onpick) => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  interaction: { mode: "index", intersect: false },
  onClick: (/** @type {unknown} */ _event, /** @type {{index: number}[]} */ hits) => {
    const bucket = hits[0] && shown()[hits[0].index];
    if (bucket) onpick(bucket);
  },
  scales: {
    x: {
      stacked: true,
      grid: { display: false },
      border: {},
      ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 28, font: { size: 12 }, callback: (/** @type {unknown} */ _value, /** @type {number} */ at) => tick(shown(), at, width_s()) },
    },
    y: { stacked: true, beginAtZero: true, border: { display: false }, grid: {}, ticks: { maxTicksLimit: 4, precision: 0, font: { size: 12 } } },
  },
  plugins: {
    // Ours come from tokens.css; the library would else give datasets colours of its own.
    colors: { enabled: false },
    legend: { display: false },
    tooltip: {
      animation: false,
      borderWidth: 1,
      boxPadding: 4,
      padding: 8,
      cornerRadius: 6,
      callbacks: { title: (/** @type {{dataIndex: number}[]} */ items) => { const bucket = shown()[items[0]?.dataIndex ?? -1]; return bucket ? exact(bucket.at).slice(0, 16) : ""; } },
    },
  },
});

/** The day where the bars span several of them, else the time. @param {Bucket[]} buckets @param {number} at @param {number} width_s */
function tick(buckets, at, width_s) {
  const bucket = buckets[at];
  return bucket ? (width_s * buckets.length > 172_800 ? date(bucket.at).slice(5) : time(bucket.at)) : "";
}
