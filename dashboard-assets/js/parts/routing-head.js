// @ts-check
/** The headline: how good what goes local is, how much goes, and what is left of the quality; or what is missing to say so. */
import { attr, el, foreign, remake } from "../dom.js";
import { icon } from "../icons.js";
import { between, counted, inForce, isCalibrated, nextStep, percent, standing } from "../routing.js";
import { countText, grouped } from "../format.js";
import { href } from "../router.js";
import { clean } from "../text.js";
import { when } from "../ticker.js";
import { estimate } from "./estimate.js";
import { meter } from "./meter.js";
import { command, marked } from "./states.js";

/** @typedef {import("../types.js").Routing} Routing */

export function routingHead() {
  const sign = el("span", { class: "sign" });
  const words = el("div");
  const used = meter("Judged tasks");
  const step = el("div", { class: "local-advice" });
  const facts = el("dl", { class: "pairs" });
  const precision = estimate("As good as Claude", "of the judged tasks that it sends local", "local");
  const coverage = estimate("Sent local", "of all tasks that it decided about", "accent");
  const quality = estimate("Overall quality", "of what Claude alone would have reached", "saved");
  const figures = el("div", { class: "estimates" }, precision.node, coverage.node, quality.node);
  const node = el("section", { class: "panel local-now routing-now", "aria-label": "Are the decisions right" }, el("div", { class: "local-head" }, sign, words), used.node, figures, step, facts);
  return {
    node,
    /** @param {Routing} answer */
    update(answer) {
      const now = standing(answer);
      const sure = now.kind === "figures";
      attr(node, "class", `panel local-now routing-now tone-${sure && isCalibrated(answer) ? "good" : now.kind === "few" || sure ? "soon" : "none"}`);
      remake(sign, now.kind, () => [icon(sure ? "routing" : now.kind === "few" ? "wait" : "ask")]);
      remake(words, [now, answer.precision, answer.coverage, answer.quality, answer.local_model], () => (sure ? claim(answer) : [el("strong", null, now.title), el("p", { class: "local-about" }, ...marked(now.text))]));
      const judged = now.kind === "few" && answer.message !== null ? counted(answer.message) : null;
      used.node.hidden = judged === null;
      if (judged) used.update((judged.have / Math.max(1, judged.need)) * 100, "ok", `${grouped(judged.have)} of ${grouped(judged.need)} ${judged.of}`);
      figures.hidden = !sure;
      precision.update(answer.precision);
      coverage.update(answer.coverage);
      quality.update(answer.quality);
      const next = nextStep(answer);
      step.hidden = next === null;
      remake(step, next, () => (next ? [el("p", null, el("strong", null, "What to do: "), next.text), el("p", { class: "bar" }, command(next.command))] : []));
      remake(facts, { ...answer, histogram: [], reliability: [], thresholds: [] }, () => factsOf(answer));
    },
  };
}

/** The one honest sentence. @param {Routing} answer */
function claim({ precision, coverage, quality, local_model: model }) {
  const figure = (/** @type {import("../types.js").Estimate|null} */ of, /** @type {boolean} */ exact = true) => [el("b", null, percent(of?.value)), exact && of ? el("span", { class: "muted" }, ` (${between(of)})`) : ""];
  return [
    el("p", { class: "claim" }, "Of the tasks it sends local, ", ...figure(precision), " were answered as well as by Claude. It sends ", ...figure(coverage, false), " local; overall quality stays at ", ...figure(quality), " of Claude-only."),
    el("p", { class: "local-about" }, model === null ? "For the local model of these days." : el("span", null, "For ", foreign(model), ", in these days. In brackets: the 95 % interval.")),
  ];
}

/** @param {Routing} answer */
function factsOf(answer) {
  const { decisions, judged, recommended_local: local, ran_local: ran, policy, algorithm, fit, local_model: model, router_version: version, min_confidence: least, threshold, threshold_source: source, newest_decisions: newest } = answer;
  const rows = /** @type {[string, Node|string, string?][]} */ ([
    ["Decisions", `${newest === null ? "" : "the newest "}${countText(decisions)}${decisions > 0 ? `, ${countText(local)} of them local` : ""}`, `${grouped(local)} recommended local, ${grouped(answer.recommended_claude)} Claude${newest === null ? "" : `; only the newest ${grouped(newest)} are looked at: choose fewer days to see older ones`}`],
    ["Ran local", countText(ran), `${grouped(answer.ran_claude)} ran on Claude`],
    ["Judged", countText(judged), "Tasks of which it is known whether the local model was, or would have been, as good"],
    ["Local model", model === null ? el("a", { class: "link", href: href("/local") }, "none yet") : foreign(model)],
    ["Goes local from", percent(inForce(answer)), least > threshold ? `router.min_confidence asks for ${percent(least)}; the quality floor would need ${percent(threshold)}` : `Where the quality floor holds, by ${source === "own log" ? "your own log" : "the usual figures"}; router.min_confidence is ${percent(least)}`],
    ["Policy", POLICIES[policy] ?? clean(policy), "[router] in config.toml; a project may have one of its own"],
    ["Router", algorithm === "keyword" ? "keyword rule" : foreign(version), "Weights, and behind the plus sign the fit to your outcomes"],
    ["Calibrated", fit === null ? "not yet" : el("span", null, `on ${countText(fit.outcomes)} outcomes, `, when(fit.fitted_at)), fit === null ? "" : `for ${clean(fit.model)}`],
  ]);
  return rows.map(([name, shown, title]) => el("div", null, el("dt", null, name), el("dd", { title: title || null }, shown)));
}

const POLICIES = /** @type {Record<string, string>} */ ({ observe: "observe: recorded only", advise: "advise: Claude is told", downshift: "downshift: cheaper subagents" });
