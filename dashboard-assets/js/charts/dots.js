// @ts-check
/** Estimates as dots with intervals on two shares from 0 to 1, beside the line on which both are the same. */
import { color } from "./colors.js";
import { TOOLTIP, drawn } from "./library.js";

/** @typedef {{x: number, y: number, low: number, high: number, weight: number, title: string, text: string}} Dot `weight`: 0 to 1, the larger the dot */
/** @typedef {{dots: Dot[], role: string, across: string, up: string}} Dots */

/** @param {string} label */
export function dots(label) {
  /** @type {Dots} */
  let shown = { dots: [], role: "accent", across: "", up: "" };
  const chart = drawn(label, () => ({ type: "scatter", data: { datasets: [{ data: [] }] }, options: options(() => shown), plugins: [intervals(() => shown)] }), ({ data, options: { scales } }) => {
    Object.assign(data.datasets[0], {
      data: shown.dots.map(({ x, y }) => ({ x, y })),
      backgroundColor: color(shown.role),
      borderColor: color("surface"),
      borderWidth: 1,
      pointRadius: shown.dots.map(({ weight }) => 4 + 4 * Math.sqrt(weight)),
      pointHoverRadius: shown.dots.map(({ weight }) => 5 + 4 * Math.sqrt(weight)),
      pointHitRadius: 8,
    });
    for (const [axis, text] of [[scales.x, shown.across], [scales.y, shown.up]]) Object.assign(axis.title, { text, color: color("muted") });
  });
  return {
    node: chart.node,
    /** @param {Dots} next @param {string} words */
    update(next, words) {
      shown = next;
      chart.show(words);
    },
    destroy: chart.destroy,
  };
}

/** Draws what a scatter chart has no word for. @param {() => Dots} shown */
const intervals = (shown) => ({
  id: "intervals",
  /** @param {any} chart */
  beforeDatasetsDraw({ ctx, scales: { x, y } }) {
    ctx.save();
    ctx.strokeStyle = color("line-strong");
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x.getPixelForValue(0), y.getPixelForValue(0));
    ctx.lineTo(x.getPixelForValue(1), y.getPixelForValue(1));
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.strokeStyle = color(shown().role);
    ctx.lineWidth = 1.5;
    for (const { x: at, low, high } of shown().dots) {
      const place = x.getPixelForValue(at);
      for (const [from, to, width] of [[low, high, 0], [low, low, 4], [high, high, 4]]) {
        ctx.beginPath();
        ctx.moveTo(place - (width ?? 0), y.getPixelForValue(from));
        ctx.lineTo(place + (width ?? 0), y.getPixelForValue(to));
        ctx.stroke();
      }
    }
    ctx.restore();
  },
});

/** @param {number} value */
const share = (value) => `${Math.round(value * 100)} %`;

/** @param {() => Dots} shown */
const options = (shown) => {
  const axis = { type: "linear", min: 0, max: 1, border: { display: false }, title: { display: true, text: "", font: { size: 12 } }, ticks: { stepSize: 0.25, font: { size: 12 }, callback: share } };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: { top: 8, right: 8 } },
    scales: { x: { ...axis, border: {}, grid: { display: false } }, y: { ...axis, grid: {} } },
    plugins: {
      colors: { enabled: false },
      legend: { display: false },
      tooltip: {
        ...TOOLTIP,
        displayColors: false,
        callbacks: {
          title: (/** @type {{dataIndex: number}[]} */ items) => shown().dots[items[0]?.dataIndex ?? 0]?.title ?? "",
          label: (/** @type {{dataIndex: number}} */ item) => shown().dots[item.dataIndex]?.text ?? "",
        },
      },
    },
  };
};
