// @ts-check
/** From the router's figures and tasks to what the page shows of them. Pure. */
import { grouped } from "./format.js";
import { clean } from "./text.js";

/** @typedef {import("./types.js").Routing} Routing */
/** @typedef {import("./types.js").TaskRow} TaskRow */
/** @typedef {import("./types.js").Estimate} Estimate */
/** @typedef {import("./types.js").ThresholdRow} ThresholdRow */

/**
 * A share in percent; near all of it a tenth more, because there it counts.
 * @param {number|null|undefined} share
 */
export function percent(share) {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const value = share * 100;
  return `${value >= 90 && value < 99.95 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** The interval of an estimate in words. @param {Pick<Estimate, "low"|"high">|null} estimate */
export const between = (estimate) => (estimate === null ? "" : `${percent(estimate.low).replace(" %", "")} to ${percent(estimate.high)}`);

/** The probability from which on a task really goes local: the floor, or what the user asks for beyond it. @param {Routing} answer */
export const inForce = ({ min_confidence, threshold }) => Math.max(min_confidence, threshold);

/** Whether the probabilities were fitted to outcomes of the model that counts now. @param {Routing} answer */
export const isCalibrated = ({ fit, local_model }) => fit !== null && (local_model === null || fit.model === local_model);

/**
 * What can honestly be said now: `figures` is where there are enough outcomes, everything else says what is missing.
 * @param {Routing} answer
 * @returns {{kind: "none"|"keyword"|"few"|"nothing_local"|"figures", title: string, text: string}}
 */
export function standing(answer) {
  const { algorithm, decisions, message, precision, quality, judged, recommended_local: local } = answer;
  if (decisions === 0) return { kind: "none", title: "No decision in these days", text: "Each prompt that asks for something and each call of a subagent is decided about as it comes, by the hook, in microseconds. Work in Claude Code, and decisions show here with what came of them. Nothing after a minute? Run `orchd doctor`." };
  if (algorithm === "keyword") return { kind: "keyword", title: "The keyword rule decides", text: "It has no probabilities, so nobody can say how sure it is. The learned router is the usual one: [router] in `config.toml`." };
  if (precision !== null && quality !== null) return { kind: "figures", title: "", text: "" };
  if (message !== null) return { kind: "few", title: sentence(message), text: "A share of so few tasks would say nothing. Each task counts once it is known whether the local model was, or would have been, as good as Claude: say so below, or let tasks that run there show it." };
  return { kind: "nothing_local", title: local === 0 ? "Nothing was sent local so far" : "Too few of the tasks it sends local are judged yet", text: `${grouped(judged)} of ${grouped(decisions)} decisions are judged. ${local === 0 ? `No task reached the threshold of ${percent(inForce(answer))} while the local model could work.` : "Say below how those tasks came out."}` };
}

/** @param {string} text */
function sentence(text) {
  const words = clean(text);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How many outcomes there are and are needed, where the daemon says so. @param {string} message */
export function counted(message) {
  const found = /(\d+) of (\d+) ?(.*)/.exec(clean(message));
  return found ? { have: Number(found[1]), need: Number(found[2]), of: `judged tasks ${found[3] ?? ""}`.trim() } : null;
}

/** What to do with few outcomes, or with a fit of another model. @param {Routing} answer */
export function nextStep(answer) {
  const { local_model: model, algorithm, decisions, message } = answer;
  if (decisions === 0 || algorithm === "keyword") return null;
  if (isCalibrated(answer)) return null;
  const of = model === null ? "a local model" : clean(model);
  return { text: `Not yet calibrated for ${of}: its probabilities rest on other models’ outcomes, and may be too high or too low here.${message === null ? "" : ` ${sentence(message)}. Say below how tasks came out, or in a terminal:`}`, command: message === null ? "orchd router refit" : "orchd feedback last good --about route" };
}

const ROUTES = /** @type {Record<string, [string, import("./icons.js").IconName, string]>} */ ({ local: ["Local model", "local", "local"], claude: ["Claude", "swap", "claude"] });

/** A place in words, with its icon and role. @param {string|null} route @param {string} none */
export function placeOf(route, none) {
  const [word, icon, role] = (route !== null && Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined) ?? [none, /** @type {const} */ ("gone"), "nobody"];
  return { word, icon, role };
}

/** What a task is. @param {string} kind */
export const kindWord = (kind) => ({ prompt: "Prompt", agent: "Agent call", delegation: "Delegation" })[kind] ?? clean(kind);

/** How a task came out, as a state and a word. @param {Pick<TaskRow, "settled_at"|"label">} row */
export function outcomeOf({ settled_at, label }) {
  if (settled_at === null && (label === null || label === "unknown")) return { state: "running", word: "running" };
  if (label === "success") return { state: "ok", word: "succeeded" };
  return label === "failure" ? { state: "failed", word: "failed" } : { state: "unknown", word: "not known" };
}

/** Whether the recommendation was one thing and the task went another way. @param {TaskRow} row */
export const differs = ({ recommended_route: asked, ran }) => asked !== null && ran !== null && asked !== ran;

/**
 * The word about the route that says whether the local model would have done: it is about the recommendation, whichever that was.
 * @param {Pick<TaskRow, "recommended_route">} row
 * @param {boolean} as_good
 * @returns {"good"|"bad"}
 */
export const routeVerdict = ({ recommended_route: route }, as_good) => ((route === "local") === as_good ? "good" : "bad");

/**
 * The row of a threshold nearest to one.
 * @param {ThresholdRow[]} rows
 * @param {number} at
 */
export function nearest(rows, at) {
  let best = 0;
  rows.forEach((row, place) => { if (Math.abs(row.threshold - at) < Math.abs((rows[best]?.threshold ?? Infinity) - at)) best = place; });
  return best;
}

/**
 * What a threshold would have done, beside the step next to the one in force, in a sentence.
 * @param {ThresholdRow} row
 * @param {ThresholdRow} now
 * @param {number} force
 */
export function tried(row, now, force) {
  const as = Math.abs(now.threshold - force) < 0.0005 ? "as now" : `the step next to the ${percent(force)} in force`;
  const share = `${percent(row.local_share)} of the tasks would have been recommended for the local model`;
  return row.threshold === now.threshold ? `At ${percent(row.threshold)}, ${as}, ${share}.` : `At ${percent(row.threshold)}, ${share}; at ${percent(now.threshold)}, ${as}, ${percent(now.local_share)}.`;
}
