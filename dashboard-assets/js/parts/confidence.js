// @ts-check
/** How sure the router is: tasks by the probability that the local model is as good, and where they were recommended to go. */
import { el, remake } from "../dom.js";
import { inForce, percent } from "../routing.js";
import { countText, grouped, plural } from "../format.js";
import { bars } from "../charts/bars.js";
import { asTable, panel, table } from "./panel.js";

/** @typedef {import("../types.js").Routing} Routing */

export function confidence() {
  /** @type {Routing|null} */
  let last = null;
  const chart = bars(() => {});
  const behind = el("div", { class: "behind" });
  const words = el("p", { class: "headline" });
  const legend = el("p", { class: "legend" }, el("span", null, el("i", { class: "local" }), "recommended: local model"), el("span", null, el("i", { class: "claude" }), "recommended: Claude"));
  const top = panel("How sure it is", asTable(chart.node, behind, () => fill()));
  chart.node.classList.add("tall");
  const about = el("p", { class: "muted small chart-note" }, "From left to right: how likely the local model’s answer is as good as Claude’s. From the line on a task goes local, if the model can work then and no rule says otherwise.");
  const none = el("p", { class: "muted" }, "No task of these days has a probability.");
  top.node.append(el("div", { class: "inside" }, words, legend, chart.node, about, none, behind));
  const fill = () => {
    if (last && !behind.hidden) remake(behind, last.histogram, () => [table([{ name: "Probability that the local model is as good" }, { name: "Local", num: true }, { name: "Claude", num: true }], /** @type {Routing} */ (last).histogram.map((bin) => [binName(bin), grouped(bin.local), grouped(bin.claude)]), "Tasks by probability and recommended route")]);
  };
  return {
    node: top.node,
    destroy: chart.destroy,
    /** @param {Routing} answer @param {number|null} tried a threshold that is tried out */
    update(answer, tried) {
      last = answer;
      const { histogram } = answer;
      const all = histogram.reduce((sum, bin) => sum + bin.local + bin.claude, 0);
      const now = inForce(answer);
      const local = histogram.reduce((sum, bin) => sum + bin.local, 0);
      none.hidden = all > 0;
      for (const part of [words, legend, about]) part.hidden = all === 0;
      chart.node.classList.toggle("none", all === 0);
      remake(words, [local, all], () => [el("b", null, percent(all === 0 ? null : local / all)), el("span", { class: "muted" }, `of ${plural(all, "task")} were recommended for the local model`)]);
      chart.update({
        series: [{ label: "recommended: local model", role: "local", values: histogram.map((bin) => bin.local) }, { label: "recommended: Claude", role: "claude", values: histogram.map((bin) => bin.claude) }],
        title: (at) => { const bin = histogram[at]; return bin ? `As good in ${binName(bin)} of such tasks` : ""; },
        tick: (at) => percent(histogram[at]?.from),
        none: "no task",
        marks: [{ at: now * histogram.length - 0.5, label: `now ${percent(now)}` }, ...(tried !== null && tried !== now ? [{ at: tried * histogram.length - 0.5, label: `tried ${percent(tried)}`, dashed: true }] : [])],
      }, `Tasks by the probability that the local model is as good, in ten steps: ${countText(local)} of ${countText(all)} were recommended for the local model. The same as a table: use View as table.`);
      fill();
    },
  };
}

/** @param {{from: number, to: number}} bin */
export const binName = ({ from, to }) => `${Math.round(from * 100)} to ${Math.round(to * 100)} %`;
