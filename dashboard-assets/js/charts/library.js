// @ts-check
/** The vendored Chart.js, loaded with the first chart, and what every chart of ours has in common. */
import { el } from "../dom.js";
import { color, onTheme } from "./colors.js";
import { failure } from "../parts/states.js";

/** @type {Promise<any>|null} */
let loadingChart = null;
/** @returns {Promise<any>} */
const chartJs = () => (loadingChart ??= import(/** @type {any} */ ("../../vendor/chart.umd.min.js")).then(() => /** @type {any} */ (globalThis).Chart));

/**
 * A chart in a box of its own: made once the library is there, coloured again with the theme, gone when it is destroyed.
 * @param {string} label
 * @param {() => any} make the configuration of an empty chart
 * @param {(chart: any) => void} fill brings what is shown into it, its series' colours too
 */
export function drawn(label, make, fill) {
  const canvas = el("canvas", { role: "img", "aria-label": label });
  const node = el("div", { class: "chart" }, canvas);
  /** @type {any} */
  let chart = null;
  let gone = false;
  const show = () => {
    if (!chart) return;
    fill(chart);
    for (const axis of [chart.options.scales.x, chart.options.scales.y]) axis.ticks.color = color("muted");
    chart.options.scales.y.grid.color = color("chart-grid");
    chart.options.scales.x.border.color = color("line");
    Object.assign(chart.options.plugins.tooltip, { backgroundColor: color("raised"), titleColor: color("text"), bodyColor: color("text"), footerColor: color("muted"), borderColor: color("line") });
    chart.update("none");
  };
  const off = onTheme(show);
  chartJs().then((Chart) => {
    if (gone) return;
    chart = new Chart(canvas, make());
    show();
  }, () => { if (!gone) node.replaceChildren(failure(new Error("The chart could not be loaded"))); });
  return {
    node,
    /** @param {string} words what it shows, for screen readers */
    show(words) {
      canvas.setAttribute("aria-label", words);
      show();
    },
    destroy() {
      gone = true;
      off();
      chart?.destroy();
    },
  };
}

/** What tooltips look like everywhere. */
export const TOOLTIP = { animation: false, borderWidth: 1, boxPadding: 4, padding: 8, cornerRadius: 6, footerFont: { weight: "normal" } };

/**
 * The axes: time below, an amount from zero on the left.
 * @param {(at: number) => string} tick
 * @param {(value: number) => string|null} amount
 */
export const axes = (tick, amount) => ({
  x: { grid: { display: false }, border: {}, ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 28, font: { size: 12 }, callback: (/** @type {unknown} */ _value, /** @type {number} */ at) => tick(at) } },
  y: { beginAtZero: true, border: { display: false }, grid: {}, ticks: { maxTicksLimit: 4, font: { size: 12 }, callback: amount } },
});
