// @ts-check
/** Whether what the router says holds: of tasks that it called as good in so many of a hundred, how many were. */
import { el, remake } from "../dom.js";
import { between, percent } from "../routing.js";
import { countText, grouped, plural } from "../format.js";
import { dots } from "../charts/dots.js";
import { asTable, panel, table } from "./panel.js";
import { binName } from "./confidence.js";

/** @typedef {import("../types.js").Routing} Routing */
/** @typedef {{from: number, to: number, n: number, predicted: number, observed: number, low: number, high: number}} Known */

export function reliability() {
  /** @type {Known[]} */
  let bins = [];
  const chart = dots("Told and seen");
  chart.node.classList.add("tall");
  const behind = el("div", { class: "behind" });
  const words = el("p", { class: "headline" });
  const about = el("p", { class: "muted small chart-note" }, "Dots on the dashed line: it is as sure as it may be. Below it, it promises too much; above, too little. Bars are 95 % intervals; a larger dot has more tasks.");
  const none = el("p", { class: "muted" }, "No task of these days is judged yet. Say below whether the local model would have done, and told and seen stand here side by side.");
  const top = panel("Does what it says hold", asTable(chart.node, behind, () => fill()));
  top.node.append(el("div", { class: "inside" }, words, chart.node, about, none, behind));
  const fill = () => {
    if (!behind.hidden) remake(behind, bins, () => [table([{ name: "Told" }, { name: "Judged", num: true }, { name: "Told, mean", num: true }, { name: "Seen", num: true }, { name: "95 % interval", num: true }], bins.map((bin) => [binName(bin), grouped(bin.n), percent(bin.predicted), percent(bin.observed), between(bin)]), "Told and seen, by what was told")]);
  };
  return {
    node: top.node,
    destroy: chart.destroy,
    /** @param {Routing} answer */
    update(answer) {
      bins = /** @type {Known[]} */ (answer.reliability.filter((bin) => bin.n > 0 && bin.predicted !== null && bin.observed !== null && bin.low !== null && bin.high !== null));
      const most = Math.max(1, ...bins.map((bin) => bin.n));
      const empty = bins.length === 0;
      none.hidden = !empty;
      chart.node.classList.toggle("none", empty);
      for (const part of [words, about]) part.hidden = empty;
      remake(words, [answer.ece, answer.judged], () => [el("b", null, answer.ece === null ? "–" : `${Number((answer.ece * 100).toFixed(1))}`, el("span", { class: "unit" }, " points")), el("span", { class: "muted", title: "Expected calibration error, 10 steps" }, `lie between told and seen on average, over ${plural(answer.judged, "judged task")}`)]);
      chart.update({
        dots: bins.map((bin) => ({ x: bin.predicted, y: bin.observed, low: bin.low, high: bin.high, weight: bin.n / most, title: `Told ${percent(bin.predicted)}`, text: `seen ${percent(bin.observed)} (${between(bin)}) of ${plural(bin.n, "task")}` })),
        role: "accent", across: "told: as good", up: "seen: as good",
      }, `Told and seen: ${bins.map((bin) => `told ${percent(bin.predicted)}, seen ${percent(bin.observed)} of ${countText(bin.n)}`).join("; ")}. The same as a table: use View as table.`);
      fill();
    },
  };
}
