// @ts-check
/** Amounts over time as stacked bars from zero, drawn by the vendored Chart.js, which is loaded with the first chart. */
import { el } from "../dom.js";
import { color, onTheme } from "./colors.js";
import { countText } from "../format.js";
import { failure } from "../parts/states.js";

/** @type {Promise<any>|null} */
let loadingChart = null;
/** @returns {Promise<any>} */
const chartJs = () => (loadingChart ??= import(/** @type {any} */ ("../../vendor/chart.umd.min.js")).then(() => /** @type {any} */ (globalThis).Chart));

/** @typedef {{label: string, role: string, values: number[]}} Series */
/**
 * What is shown: series of the same length, from the lowest of a stack to the highest.
 * @typedef {{series: Series[], title: (at: number) => string, tick: (at: number) => string, amount?: (value: number) => string,
 *   none?: string, foot?: (at: number) => string}} Bars `none` is said of a stack without height
 */

/**
 * @param {(at: number) => void} onpick
 */
export function bars(onpick) {
  const canvas = el("canvas", { role: "img", "aria-label": "Amounts over time" });
  const node = el("div", { class: "chart" }, canvas);
  /** @type {any} */
  let chart = null;
  /** @type {Bars} */
  let shown = { series: [], title: () => "", tick: () => "" };
  let gone = false;

  const paint = () => {
    if (!chart) return;
    shown.series.forEach((series, at) => { chart.data.datasets[at].backgroundColor = color(series.role); });
    for (const axis of [chart.options.scales.x, chart.options.scales.y]) axis.ticks.color = color("muted");
    chart.options.scales.y.grid.color = color("chart-grid");
    chart.options.scales.x.border.color = color("line");
    Object.assign(chart.options.plugins.tooltip, { backgroundColor: color("raised"), titleColor: color("text"), bodyColor: color("text"), footerColor: color("muted"), borderColor: color("line") });
  };
  const fill = () => {
    chart.data.labels = (shown.series[0]?.values ?? []).map((_, at) => at);
    const before = chart.data.datasets;
    chart.data.datasets = shown.series.map((series, at) => Object.assign(before[at] ?? { stack: "all", barPercentage: 0.92, categoryPercentage: 0.92, maxBarThickness: 56 }, { label: series.label, data: series.values }));
    paint();
    chart.update("none");
  };
  const off = onTheme(() => { paint(); chart?.update("none"); });

  chartJs().then((Chart) => {
    if (gone) return;
    chart = new Chart(canvas, { type: "bar", data: { labels: [], datasets: [] }, options: options(() => shown, onpick) });
    fill();
  }, () => { if (!gone) node.replaceChildren(failure(new Error("The chart could not be loaded"))); });

  return {
    node,
    /** @param {Bars} next @param {string} label */
    update(next, label) {
      shown = next;
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

/** @typedef {{dataIndex: number, datasetIndex: number, parsed: {y: number}, dataset: {label: string}}} Hit */

/** @param {Bars} bars @param {number} at */
const isFlat = ({ series }, at) => series.every(({ values }) => values[at] === 0);

/** @param {() => Bars} shown @param {(at: number) => void} onpick */
const options = (shown, onpick) => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  interaction: { mode: "index", intersect: false },
  onClick: (/** @type {unknown} */ _event, /** @type {{index: number}[]} */ hits) => {
    if (hits[0]) onpick(hits[0].index);
  },
  scales: {
    x: {
      stacked: true,
      grid: { display: false },
      border: {},
      ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 28, font: { size: 12 }, callback: (/** @type {unknown} */ _value, /** @type {number} */ at) => shown().tick(at) },
    },
    y: {
      stacked: true,
      beginAtZero: true,
      border: { display: false },
      grid: {},
      ticks: { maxTicksLimit: 4, font: { size: 12 }, callback: (/** @type {number} */ value) => shown().amount?.(value) ?? (Number.isInteger(value) ? countText(value) : null) },
    },
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
      footerFont: { weight: "normal" },
      // What is nothing in a stack of many is not worth a line; of an empty stack one line says so.
      filter: (/** @type {Hit} */ item) => item.parsed.y !== 0 || shown().series.length < 4 || (item.datasetIndex === 0 && isFlat(shown(), item.dataIndex)),
      callbacks: {
        title: (/** @type {Hit[]} */ items) => shown().title(items[0]?.dataIndex ?? 0),
        label: (/** @type {Hit} */ item) => {
          const { none, amount = countText } = shown();
          return none !== undefined && isFlat(shown(), item.dataIndex) ? ` ${none}` : ` ${item.dataset.label}: ${amount(item.parsed.y)}`;
        },
        footer: (/** @type {Hit[]} */ items) => (items[0] ? (shown().foot?.(items[0].dataIndex) ?? "") : ""),
      },
    },
  },
});
