// @ts-check
/** What another threshold would have done on the user's own log; nothing is changed by trying. */
import { attr, el, remake, setText } from "../dom.js";
import { between, inForce, nearest, percent, tried } from "../routing.js";
import { grouped, plural, usd, usdExact } from "../format.js";
import { asTable, panel, sideways, table } from "./panel.js";
import { command, marked } from "./states.js";
import { estimate } from "./estimate.js";

/** @typedef {import("../types.js").Routing} Routing */
/** @typedef {import("../types.js").ThresholdRow} ThresholdRow */

/**
 * @param {(at: number) => void} ontry while the slider moves
 * @param {(at: number) => void} onchoose when it rests
 */
export function threshold(ontry, onchoose) {
  /** @type {Routing|null} */
  let last = null;
  const slider = el("input", { type: "range", min: "0", step: "1", "aria-label": "Threshold to try", oninput: () => move(ontry), onchange: () => move(onchoose) });
  const shown = el("output", null);
  const words = el("p", { class: "local-about" });
  const share = estimate("Sent local", "of the tasks of these days", "accent");
  const precision = estimate("As good as Claude", "of the judged tasks among them", "local");
  const quality = estimate("Overall quality", "of what Claude alone would have reached", "saved");
  const saving = el("span", { class: "value" });
  const saved = el("div", { class: "estimate" }, el("span", { class: "label" }, "Expected worth"), saving, el("p", { class: "about" }, "expected savings less expected losses, on assumed tokens"));
  const how = el("div", { class: "local-advice" });
  const shape = el("div", null, el("div", { class: "slider" }, el("span", { class: "muted small" }, "0 %: all local"), slider, el("span", { class: "muted small" }, "100 %: none"), shown), words, el("div", { class: "estimates four" }, share.node, precision.node, quality.node, saved), how);
  const behind = el("div", { class: "behind" });
  const top = panel("What another threshold would have done", asTable(shape, behind, () => fill()));
  top.node.append(el("div", { class: "inside" }, shape, behind));

  /** @param {(at: number) => void} tell */
  function move(tell) {
    const row = last?.thresholds[Number(slider.value)];
    if (row) tell(row.threshold);
  }
  const fill = () => {
    if (last && !behind.hidden) remake(behind, last.thresholds, () => [tableOf(/** @type {Routing} */ (last))]);
  };
  return {
    node: top.node,
    /** @param {Routing} answer @param {number|null} at what is tried; null is what is in force */
    update(answer, at) {
      last = answer;
      const rows = answer.thresholds;
      top.node.hidden = rows.length === 0 || answer.decisions === 0;
      const place = nearest(rows, at ?? inForce(answer));
      const row = rows[place];
      const now = rows[nearest(rows, inForce(answer))];
      if (!row || !now) return;
      attr(slider, "max", rows.length - 1);
      if (slider.value !== String(place)) slider.value = String(place);
      attr(slider, "aria-valuetext", percent(row.threshold));
      setText(shown, percent(row.threshold));
      setText(words, `${tried(row, now, inForce(answer))} ${row.judged === 0 ? "None of them is judged yet." : `${plural(row.judged, "of them is", "of them are")} judged.`}`);
      const before = row === now ? null : now;
      share.update(row.local_share === null ? null : { value: row.local_share }, { was: before?.local_share ?? null });
      precision.update(row.precision, { was: before?.precision?.value ?? null, none: row.local_tasks === 0 ? "no task" : "none is judged yet" });
      quality.update(row.quality, { was: before?.quality?.value ?? null, none: "too few are judged" });
      setText(saving, row.could_save_usd === null ? "Unknown" : usd(row.could_save_usd));
      attr(saving, "class", row.could_save_usd === null ? "value muted none-yet" : "value");
      attr(saving, "title", row.could_save_usd === null ? "No prices are known" : usdExact(row.could_save_usd));
      remake(how, [row.threshold, answer.min_confidence, answer.threshold], () => (before === null ? [el("p", null, `${percent(inForce(answer))} is in force now. Move the slider to see what more or less caution would have done on your own log; nothing is changed by that.`)] : howTo(row, answer)));
      fill();
    },
  };
}

/** How to make it so. @param {ThresholdRow} row @param {Routing} answer */
function howTo(row, answer) {
  if (row.threshold < answer.threshold - 1e-9) return [el("p", null, ...marked(`Nothing is changed here. Below ${percent(answer.threshold)} the quality floor does not hold, so \`router.min_confidence\` cannot go there: it can only ask for more.`))];
  return [
    el("p", null, ...marked("Nothing is changed here. To ask for this much, set `router.min_confidence`: under `[router]` in `config.toml` (`orchd paths` says where that is), then `orchd restart`.")),
    el("p", { class: "bar" }, command(`min_confidence = ${row.threshold.toFixed(2)}`)),
  ];
}

/** @param {Routing} answer */
function tableOf({ thresholds }) {
  const box = sideways("What each threshold would have done");
  const estimated = (/** @type {import("../types.js").Estimate|null} */ of) => (of === null ? "–" : `${percent(of.value)} (${between(of)})`);
  box.append(table(
    [{ name: "Threshold" }, { name: "Tasks", num: true }, { name: "Share", num: true }, { name: "Judged", num: true }, { name: "As good as Claude", num: true }, { name: "Overall quality", num: true }, { name: "Could save", num: true }],
    thresholds.map((row) => [percent(row.threshold), grouped(row.local_tasks), percent(row.local_share), grouped(row.judged), estimated(row.precision), estimated(row.quality), row.could_save_usd === null ? "unknown" : usd(row.could_save_usd)]),
    "What each threshold would have done",
  ));
  return box;
}
