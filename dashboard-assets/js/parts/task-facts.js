// @ts-check
/** All that is known of a task: what was decided and why, where it ran, what that took, and how it came out. */
import { el, foreign } from "../dom.js";
import { requestsPath } from "../costs.js";
import { stateOf } from "../local.js";
import { kindWord, outcomeOf, percent, placeOf } from "../routing.js";
import { countText, duration, exact, grouped, usdExact } from "../format.js";
import { href } from "../router.js";
import { clean } from "../text.js";
import { sessionPath } from "../url.js";
import { command } from "./states.js";

/** @typedef {import("../types.js").TaskRow} TaskRow */

/** @param {TaskRow} row */
export function taskFacts(row) {
  const rows = /** @type {[string, Node|string|null][]} */ ([
    ["When", `${exact(row.decided_at)}${row.duration_ms === null ? "" : `, took ${duration(row.duration_ms * 1000)}`}`],
    ["What", kindWord(row.kind) + (row.used_agent === null ? "" : ` of ${clean(row.used_agent)}`)],
    ["Recommended", recommended(row)],
    ["Why", row.reasons.length === 0 ? null : el("ul", { class: "reasons" }, ...row.reasons.map((reason) => el("li", null, foreign(reason))))],
    ["Policy", policy(row)],
    ["Local model then", row.local_model_state === null ? null : `${stateOf(row.local_model_state).word.toLowerCase()}${row.local_model === null ? "" : `: ${clean(row.local_model)}`}`],
    ["Looks like", looksLike(row)],
    ["Expected", expected(row)],
    ["Ran", row.ran === null ? (row.settled_at === null ? "still running" : "nobody finished it") : `${placeOf(row.ran, "").word}${row.model === null ? "" : `, ${clean(row.model)}`}`],
    ["Tokens", row.output_tokens === null ? null : `${grouped(allRead(row))} read, ${grouped(row.output_tokens)} written${row.requests === null ? "" : ` in ${grouped(row.requests)} requests`}`],
    ["Cost", cost(row)],
    ["Saved", row.saving_usd === null ? null : `${usdExact(row.saving_usd)}${row.displaced_model === null ? "" : ` against ${clean(row.displaced_model)}`}`],
    ["Came out", cameOut(row)],
    ["Quality", row.quality_score === null ? null : `${percent(row.quality_score)}${partsOf(row)}`],
    ["Your word", row.feedback],
    ["Judged", row.judged_as_good === null ? null : `the local model ${row.judged_as_good ? "was, or would have been, as good" : "was, or would have been, worse"}, by ${row.judged_by === "user" ? "your word" : "how it came out"}`],
    ["Session", row.session_id === null ? null : el("a", { class: "link", href: href(sessionPath(row.session_id)) }, foreign(row.session_id))],
    ["Project", row.project_dir === null ? null : foreign(row.project_dir)],
    ["Task", el("span", null, command(`orchd feedback ${clean(row.task_id)} good`))],
  ]);
  return [el("dl", { class: "facts" }, ...rows.filter(([, text]) => text !== null).flatMap(([name, text]) => [el("dt", null, name), el("dd", null, text)]))];
}

/** @param {TaskRow} row */
function recommended({ recommended_route: route, confidence, as_good, is_calibrated, router_version: version }) {
  if (route === null) return "no router was asked";
  const sure = confidence === null ? "the keyword rule has no probability" : `right with ${percent(confidence)}`;
  const chance = as_good === null ? "" : `; the local model as good with ${percent(as_good)}${is_calibrated === false ? ", not yet calibrated for it" : ""}`;
  return `${placeOf(route, "").word}: ${sure}${chance}${version === null ? "" : ` (router ${clean(version)})`}`;
}

/** @param {TaskRow} row */
function policy({ policy: name, advised, downshifted_to: cheaper }) {
  const did = cheaper !== null ? `; its model was changed to ${clean(cheaper)}` : advised ? "; Claude was told of the local model" : "";
  return `${clean(name)}${did}`;
}

/** @param {TaskRow} row */
function looksLike({ change_size: size, task_type: type, task_type_confidence: sure, suggested_agent: agent, suggested_agent_confidence: agent_sure }) {
  const parts = [size === null ? "" : `a ${clean(size)} change`, type === null ? "" : `${clean(type)}${sure === null ? "" : ` (${percent(sure)})`}`, agent === null ? "" : `work for ${clean(agent)}${agent_sure === null ? "" : ` (${percent(agent_sure)})`}`].filter(Boolean);
  return parts.length === 0 ? null : parts.join(", ");
}

/** @param {TaskRow} row */
function expected({ estimated_tokens: tokens, expected_saving_usd: saving, expected_loss_usd: loss }) {
  const parts = [tokens === null ? "" : `about ${countText(tokens)} tokens`, saving === null ? "" : `${usdExact(saving)} saved`, loss === null ? "" : `${usdExact(loss)} lost if it has to be done again`].filter(Boolean);
  return parts.length === 0 ? null : parts.join(", ");
}

/** @param {TaskRow} row */
const allRead = (row) => (row.input_tokens ?? 0) + (row.cache_read_input_tokens ?? 0) + (row.cache_creation_input_tokens ?? 0);

/** A prompt's cost is that of its main thread, which the ledger can name. @param {TaskRow} row */
function cost(row) {
  if (row.cost_usd === null) return row.requests ? "unknown: no price list has its model" : null;
  const more = row.unknown_cost_requests ? `, and ${grouped(row.unknown_cost_requests)} requests without a known price` : "";
  if (row.kind !== "prompt" || row.prompt_id === null || row.session_id === null) return usdExact(row.cost_usd) + more;
  return el("span", null, el("a", { class: "link", title: "Show its requests", href: requestsPath({ session: row.session_id, prompt: row.prompt_id, agent: "main" }) }, usdExact(row.cost_usd)), more);
}

/** @param {TaskRow} row */
function cameOut(row) {
  const { word } = outcomeOf(row);
  const how = row.outcome === null || row.outcome === "completed" ? "" : `, ${clean(row.outcome).replaceAll("_", " ")}${row.reason === null ? "" : `: ${clean(row.reason).replaceAll("_", " ")}`}`;
  return el("span", null, `${word}${how}`, row.evidence.length > 0 && el("ul", { class: "reasons muted" }, ...row.evidence.map((one) => el("li", null, foreign(one.replaceAll("_", " "))))));
}

/** @param {TaskRow} row */
function partsOf({ quality_parts: parts }) {
  const named = Object.entries(parts ?? {});
  return named.length === 0 ? "" : `: ${named.map(([name, { value, weight }]) => `${clean(name).replaceAll("_", " ")} ${percent(value)} (weight ${Number(weight.toFixed(2))})`).join(", ")}`;
}
