// @ts-check
/** How fast the local model is over time: tokens per second, and the wait for the first one. */
import { el, foreign, remake, setText } from "../dom.js";
import { axis, leftOut } from "../local.js";
import { countText, date, grouped, joined, latency, time } from "../format.js";
import { clean } from "../text.js";
import { lines } from "../charts/lines.js";
import { asTable, panel, sideways, table } from "./panel.js";

/** @typedef {import("../types.js").LocalSpeed} LocalSpeed */
/** @typedef {import("../types.js").SpeedRow} SpeedRow */
/** @typedef {(row: SpeedRow) => import("../types.js").Percentiles|null} Value */

/** Models that are told apart; the others stand in the tables. */
const MOST = 4;

/** @param {number} value */
const perSecond = (value) => (value === 0 ? "0" : `${countText(Number(value.toFixed(value < 10 ? 1 : 0)))} /s`);
/** @param {number} ms */
const wait = (ms) => (ms === 0 ? "0" : joined(latency(ms * 1000)));

/** @param {string} bucket @param {number} at */
const named = (bucket, at) => (bucket === "hour" ? `${date(at)} ${time(at)}` : bucket === "month" ? date(at).slice(0, 7) : bucket === "week" ? `Week of ${date(at)}` : date(at));

/**
 * @param {string} title
 * @param {Value} value
 * @param {(value: number) => string} amount
 * @param {[string, string]} edges what the tenths at both ends are
 */
function speedPanel(title, value, amount, [lowest, highest]) {
  /** @type {LocalSpeed|null} */
  let last = null;
  const chart = lines(title);
  const behind = el("div", { class: "behind" });
  const headline = el("p", { class: "headline" });
  const legend = el("p", { class: "legend" });
  const unknown = el("p", { class: "muted" }, "No answer of these days was measured: answers in one piece have no first token.");
  const top = panel(title, asTable(chart.node, behind, () => fill()));
  top.node.append(el("div", { class: "inside" }, headline, legend, chart.node, unknown, behind));
  /** @param {SpeedRow} row */
  const cells = (row) => { const found = value(row); return found ? [found.p50, found.p10, found.p90].map(amount) : ["–", "–", "–"]; };
  const columns = [{ name: "Median", num: true }, { name: lowest, num: true }, { name: highest, num: true }, { name: "Tasks", num: true }];
  const fill = () => {
    if (last && !behind.hidden) remake(behind, last.over_time, () => [table([{ name: "From" }, { name: "Model" }, ...columns], [.../** @type {LocalSpeed} */ (last).over_time].reverse().map((row) => [named(last?.bucket ?? "", row.from_at), foreign(row.model), ...cells(row), grouped(row.tasks)]), `${title}, the newest first`)]);
  };
  return {
    node: top.node,
    destroy: chart.destroy,
    /** @param {LocalSpeed} speed */
    update(speed) {
      last = speed;
      const models = speed.models.filter((row) => value(row) !== null).slice(0, MOST);
      const main = models[0];
      const all = main ? value(main) : null;
      unknown.hidden = all !== null;
      chart.node.classList.toggle("none", all === null);
      headline.hidden = all === null;
      remake(headline, main, () => (main && all ? [el("b", null, amount(all.p50)), el("span", { class: "muted" }, `median of ${countText(all.count)} answers of ${clean(main.model)}; ${lowest} ${amount(all.p10)}, ${highest} ${amount(all.p90)}`)] : []));
      legend.hidden = models.length < 2;
      remake(legend, models.map((row) => row.model), () => models.map((row, at) => el("span", null, el("i", { class: roleOf(at) }), foreign(row.model))));
      const keys = axis(speed.over_time.map((row) => row.from_at), speed.bucket);
      /** @param {SpeedRow} model @param {(found: import("../types.js").Percentiles) => number} of */
      const values = (model, of) => {
        const at = new Map(speed.over_time.filter((row) => row.model === model.model).map((row) => [row.from_at, value(row)]));
        return keys.map((key) => { const found = at.get(key); return found ? of(found) : null; });
      };
      const tasks = (/** @type {number} */ key) => speed.over_time.filter((row) => row.from_at === key).reduce((sum, row) => sum + row.tasks, 0);
      chart.update({
        lines: [
          ...(main ? [{ label: lowest, role: roleOf(0), values: values(main, (found) => found.p10), edge: true }, { label: highest, role: roleOf(0), values: values(main, (found) => found.p90), edge: true }] : []),
          ...models.map((row, at) => ({ label: models.length > 1 ? clean(row.model) : "median", role: roleOf(at), values: values(row, (found) => found.p50) })),
        ],
        title: (place) => named(speed.bucket, keys[place] ?? 0),
        tick: (place) => { const at = keys[place] ?? 0; return speed.bucket === "hour" ? time(at) : date(at).slice(5); },
        amount,
        foot: (place) => `${grouped(tasks(keys[place] ?? 0))} tasks`,
      }, `${title} by ${speed.bucket}${all ? `: median ${amount(all.p50)}` : ""}. The same as a table: use View as table.`);
      fill();
    },
  };
}

/** @param {number} at */
const roleOf = (at) => (at === 0 ? "local" : `series-${at + 2}`);

export function localSpeed() {
  const rate = speedPanel("Tokens per second", (row) => row.tokens_per_second, perSecond, ["slowest tenth", "fastest tenth"]);
  const first = speedPanel("Wait for the first token", (row) => row.first_token_ms, wait, ["fastest tenth", "slowest tenth"]);
  const models = panel("Speed by model");
  const rows = sideways("Speed by model");
  models.node.append(rows);
  const left = el("p", { class: "muted small" });
  const node = el("div", { class: "stack" }, el("div", { class: "halves even" }, rate.node, first.node), left, models.node);
  return {
    node,
    /** @param {LocalSpeed} speed */
    update(speed) {
      node.hidden = speed.models.length === 0;
      if (node.hidden) return;
      rate.update(speed);
      first.update(speed);
      left.hidden = leftOut(speed) === "";
      setText(left, leftOut(speed));
      models.node.hidden = speed.models.length < 2;
      remake(rows, speed.models, () => [modelTable(speed.models)]);
    },
    destroy() {
      rate.destroy();
      first.destroy();
    },
  };
}

/** @param {SpeedRow[]} models */
const modelTable = (models) =>
  table(
    [{ name: "Model" }, { name: "Tasks", num: true }, { name: "Tokens per second, median", num: true }, { name: "slowest tenth", num: true }, { name: "First token, median", num: true }, { name: "slowest tenth", num: true }],
    models.map(({ model, tasks, tokens_per_second: speed, first_token_ms: first }) => [foreign(model), countText(tasks), ...(speed ? [perSecond(speed.p50), perSecond(speed.p10)] : ["–", "–"]), ...(first ? [wait(first.p50), wait(first.p90)] : ["–", "–"])]),
    "Speed by model",
  );
