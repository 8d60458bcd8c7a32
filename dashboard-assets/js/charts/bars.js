// @ts-check
/** Amounts over time as stacked bars from zero. */
import { color } from "./colors.js";
import { countText } from "../format.js";
import { uprights } from "./marks.js";
import { TOOLTIP, axes, drawn } from "./library.js";

/** @typedef {{label: string, role: string, values: number[]}} Series */
/**
 * What is shown: series of the same length, from the lowest of a stack to the highest.
 * @typedef {{series: Series[], title: (at: number) => string, tick: (at: number) => string, amount?: (value: number) => string,
 *   none?: string, foot?: (at: number) => string, marks?: import("./marks.js").Mark[]}} Bars `none` is said of a stack without height
 */

/**
 * @param {(at: number) => void} onpick
 */
export function bars(onpick) {
  /** @type {Bars} */
  let shown = { series: [], title: () => "", tick: () => "" };
  const chart = drawn("Amounts over time", () => ({ type: "bar", data: { labels: [], datasets: [] }, options: options(() => shown, onpick), plugins: [uprights(() => shown.marks ?? [])] }), ({ data }) => {
    data.labels = (shown.series[0]?.values ?? []).map((_, at) => at);
    const before = data.datasets;
    data.datasets = shown.series.map((series, at) => Object.assign(before[at] ?? { stack: "all", barPercentage: 0.92, categoryPercentage: 0.92, maxBarThickness: 56 }, { label: series.label, data: series.values, backgroundColor: color(series.role) }));
  });
  return {
    node: chart.node,
    /** @param {Bars} next @param {string} label */
    update(next, label) {
      shown = next;
      chart.show(label);
    },
    destroy: chart.destroy,
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
  scales: stacked(axes((at) => shown().tick(at), (value) => shown().amount?.(value) ?? (Number.isInteger(value) ? countText(value) : null))),
  plugins: {
    // Ours come from tokens.css; the library would else give datasets colours of its own.
    colors: { enabled: false },
    legend: { display: false },
    tooltip: {
      ...TOOLTIP,
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

/** @param {ReturnType<typeof axes>} scales */
const stacked = ({ x, y }) => ({ x: { ...x, stacked: true }, y: { ...y, stacked: true } });
