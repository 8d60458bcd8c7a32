// @ts-check
/** Rates over time as lines, with a band between two of them; times without a value are gaps. */
import { color } from "./colors.js";
import { TOOLTIP, axes, drawn } from "./library.js";

/** @typedef {{label: string, role: string, values: (number|null)[], edge?: boolean}} Line an edge is thin and bounds the band to the edge before it */
/** @typedef {{lines: Line[], title: (at: number) => string, tick: (at: number) => string, amount: (value: number) => string, foot?: (at: number) => string}} Lines */

/** @param {string} label */
export function lines(label) {
  /** @type {Lines} */
  let shown = { lines: [], title: () => "", tick: () => "", amount: String };
  const chart = drawn(label, () => ({ type: "line", data: { labels: [], datasets: [] }, options: options(() => shown) }), ({ data }) => {
    data.labels = (shown.lines[0]?.values ?? []).map((_, at) => at);
    const before = data.datasets;
    data.datasets = shown.lines.map((line, at) => Object.assign(before[at] ?? {}, dataset(line, shown.lines[at - 1]?.edge === true)));
  });
  return {
    node: chart.node,
    /** @param {Lines} next @param {string} words */
    update(next, words) {
      shown = next;
      chart.show(words);
    },
    destroy: chart.destroy,
  };
}

/** @param {Line} line @param {boolean} banded */
const dataset = ({ label, role, values, edge }, banded) => ({
  label,
  data: values,
  borderColor: color(role),
  backgroundColor: edge ? translucent(color(role)) : color(role),
  borderWidth: edge ? 0 : 2,
  fill: edge && banded ? "-1" : false,
  // A value between two gaps has no line: the point alone shows it.
  pointRadius: values.map((_, at) => (edge ? 0 : values[at - 1] == null && values[at + 1] == null ? 3 : 2)),
  pointHitRadius: 8,
  tension: 0,
  spanGaps: false,
});

/** @param {string} text a colour as #rrggbb */
const translucent = (text) => (/^#[0-9a-f]{6}$/i.test(text) ? `${text}2e` : text);

/** @typedef {{dataIndex: number, parsed: {y: number}, dataset: {label: string}}} Hit */

/** @param {() => Lines} shown */
const options = (shown) => ({
  animation: false,
  responsive: true,
  maintainAspectRatio: false,
  interaction: { mode: "index", intersect: false },
  scales: axes((at) => shown().tick(at), (value) => shown().amount(value)),
  plugins: {
    colors: { enabled: false },
    legend: { display: false },
    tooltip: {
      ...TOOLTIP,
      callbacks: {
        title: (/** @type {Hit[]} */ items) => shown().title(items[0]?.dataIndex ?? 0),
        label: (/** @type {Hit} */ item) => ` ${item.dataset.label}: ${shown().amount(item.parsed.y)}`,
        footer: (/** @type {Hit[]} */ items) => (items[0] ? (shown().foot?.(items[0].dataIndex) ?? "") : ""),
      },
    },
  },
});
