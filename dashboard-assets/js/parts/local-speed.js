// @ts-check
/** How fast the local model is over time: tokens per second, and the wait for the first one. */
import { el, remake, setText } from "../dom.js";
import { allKeys, bucketName } from "../days.js";
import { countText, grouped, joined, latency } from "../format.js";
import { lines } from "../charts/lines.js";
import { asTable, panel, table } from "./panel.js";

/** @typedef {import("../types.js").LocalSpeed} LocalSpeed */
/** @typedef {import("../types.js").SpeedBucket} SpeedBucket */
/** @typedef {(one: SpeedBucket) => number|null} Value */

/** @param {number} value */
const perSecond = (value) => `${countText(value)} /s`;
/** @param {number} ms */
const wait = (ms) => joined(latency(ms * 1000));

/** @param {string} title @param {string} what @param {(value: number) => string} amount @param {[string, Value][]} values middle, low and high */
function speedPanel(title, what, amount, [[, middle], [lowName, low], [highName, high]]) {
  /** @type {{speed: LocalSpeed, keys: string[]}|null} */
  let last = null;
  const chart = lines(title);
  const behind = el("div", { class: "behind" });
  const headline = el("p", { class: "headline" });
  const top = panel(title, asTable(chart.node, behind, () => fill()));
  top.node.append(el("div", { class: "inside" }, headline, chart.node, behind));
  const fill = () => {
    if (last && !behind.hidden) remake(behind, last.speed.over_time, () => [tableOf(/** @type {{speed: LocalSpeed}} */ (last).speed)]);
  };
  /** @param {number|null} value */
  const text = (value) => (value === null ? "–" : amount(value));
  /** @param {LocalSpeed} speed */
  const tableOf = (speed) => table(
    [{ name: "From" }, { name: "Median", num: true }, { name: lowName, num: true }, { name: highName, num: true }, { name: "Answers", num: true }],
    [...speed.over_time].reverse().map((one) => [bucketName(speed.bucket, one.key), text(middle(one)), text(low(one)), text(high(one)), grouped(one.answers)]),
    `${title}, the newest first`,
  );
  return {
    node: top.node,
    destroy: chart.destroy,
    /** @param {LocalSpeed} speed @param {string[]} keys */
    update(speed, keys) {
      last = { speed, keys };
      const at = new Map(speed.over_time.map((one) => [one.key, one]));
      const of = (/** @type {Value} */ value) => keys.map((key) => { const one = at.get(key); return one ? value(one) : null; });
      const all = speed.total;
      remake(headline, [middle(all), low(all), high(all), all.answers], () => [
        el("b", null, text(middle(all))),
        el("span", { class: "muted" }, middle(all) === null ? `${what} is not known of any answer` : `median of ${countText(all.answers)} answers; ${lowName} ${text(low(all))}, ${highName} ${text(high(all))}`),
      ]);
      chart.update({
        lines: [{ label: lowName, role: "local", values: of(low), edge: true }, { label: highName, role: "local", values: of(high), edge: true }, { label: "Median", role: "local", values: of(middle) }],
        title: (place) => bucketName(speed.bucket, keys[place] ?? ""),
        tick: (place) => (keys[place] ?? "").slice(speed.bucket === "month" ? 0 : 5),
        amount,
        foot: (place) => `${grouped(at.get(keys[place] ?? "")?.answers ?? 0)} answers`,
      }, `${title} by ${speed.bucket}: median ${text(middle(all))}. The same as a table: use View as table.`);
      fill();
    },
  };
}

export function localSpeed() {
  const rate = speedPanel("Tokens per second", "The speed", perSecond, [["Median", (one) => one.tokens_per_second_p50], ["slowest tenth", (one) => one.tokens_per_second_p10], ["fastest tenth", (one) => one.tokens_per_second_p90]]);
  const first = speedPanel("Time to the first token", "The wait", wait, [["Median", (one) => one.first_token_ms_p50], ["fastest tenth", (one) => one.first_token_ms_p10], ["slowest tenth", (one) => one.first_token_ms_p90]]);
  const models = panel("Speed by model");
  const rows = el("div");
  models.node.append(rows);
  const node = el("div", { class: "stack" }, el("div", { class: "halves" }, rate.node, first.node), models.node);
  return {
    node,
    /** @param {LocalSpeed} speed @param {string} today */
    update(speed, today) {
      node.hidden = speed.total.answers === 0;
      if (node.hidden) return;
      const keys = allKeys(speed.bucket, speed.over_time.map((one) => one.key), speed, today);
      rate.update(speed, keys);
      first.update(speed, keys);
      models.node.hidden = speed.models.length < 2;
      remake(rows, speed.models, () => [modelTable(speed.models)]);
      setText(models.heading, "Speed by model");
    },
    destroy() {
      rate.destroy();
      first.destroy();
    },
  };
}

/** @param {SpeedBucket[]} models */
const modelTable = (models) =>
  table(
    [{ name: "Model" }, { name: "Answers", num: true }, { name: "Tokens/s, median", num: true }, { name: "slowest tenth", num: true }, { name: "First token, median", num: true }, { name: "slowest tenth", num: true }],
    models.map((one) => [one.key, countText(one.answers), ...[one.tokens_per_second_p50, one.tokens_per_second_p10].map((value) => (value === null ? "–" : perSecond(value))), ...[one.first_token_ms_p50, one.first_token_ms_p90].map((value) => (value === null ? "–" : wait(value)))]),
    "Speed by model",
  );
