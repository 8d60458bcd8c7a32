// @ts-check
/** From the local model's state and history to what the page shows. Pure. */

import { grouped, plural } from "./format.js";

/** @typedef {import("./types.js").LocalModelView} LocalModelView */
/** @typedef {import("./types.js").LocalModelHealth} Health */
/** @typedef {import("./types.js").LocalModelChange} Change */
/** @typedef {import("./types.js").LocalState} LocalState */
/** @typedef {"good"|"soon"|"bad"|"none"} Tone */

/** Each state in a word, how it is drawn, and the icon that stands beside its word. */
const STATES = /** @type {Record<LocalState, {word: string, tone: Tone, icon: import("./icons.js").IconName}>} */ ({
  ready: { word: "Ready", tone: "good", icon: "check" },
  loadable: { word: "Loads on first use", tone: "good", icon: "ring" },
  loading: { word: "Loading", tone: "soon", icon: "wait" },
  busy: { word: "Busy", tone: "soon", icon: "wait" },
  needs_token: { word: "Needs a token", tone: "bad", icon: "ask" },
  no_model: { word: "No model", tone: "bad", icon: "warn" },
  wrong_server: { word: "Wrong server", tone: "bad", icon: "warn" },
  down: { word: "Down", tone: "bad", icon: "cross" },
  unknown: { word: "Not looked at yet", tone: "none", icon: "ask" },
  off: { word: "Off", tone: "none", icon: "square" },
});

/** @param {string} state */
export const stateOf = (state) => (Object.hasOwn(STATES, state) ? STATES[/** @type {LocalState} */ (state)] : { ...STATES.unknown, word: state });

const KINDS = /** @type {Record<string, string>} */ ({ lm_studio: "LM Studio", lm_studio_v0: "LM Studio", ollama: "Ollama", llama_cpp: "llama.cpp", open_ai: "OpenAI-like server" });

/** @param {string|null} kind */
export const kindName = (kind) => (kind === null ? null : (KINDS[kind] ?? kind));

/**
 * The commands in an advice, to be copied: what stands behind "run:", "with:" or "then:".
 * @param {string} advice
 */
export const commandsIn = (advice) => [...advice.matchAll(/(?:run|with|then): ([a-z][^;,()]*)/g)].map(([, text = ""]) => text.trim());

/**
 * The history as stretches from the oldest on, each up to the next one; what was before it is not known.
 * @param {Change[]} history the newest first
 * @param {number} from
 * @param {number} to
 * @returns {{state: string, from: number, to: number, change: Change}[]}
 */
export function stretches(history, from, to) {
  const list = [...history].reverse();
  return list
    .map((change, at) => ({ state: change.state, from: Math.max(from, change.since_at), to: Math.min(to, list[at + 1]?.since_at ?? to), change }))
    .filter((stretch) => stretch.to > stretch.from);
}

/**
 * Share of the time that is known in which work could go there; null where nothing is known.
 * @param {{state: string, from: number, to: number}[]} parts
 */
export function available(parts) {
  let [good, all] = [0, 0];
  for (const { state, from, to } of parts) {
    if (state === "unknown" || state === "off") continue;
    all += to - from;
    if (stateOf(state).tone === "good") good += to - from;
  }
  return all > 0 ? good / all : null;
}

const REASONS = /** @type {Record<string, string>} */ ({
  unreachable: "no server answered", down: "no server answered", wrong_server: "the address is another program’s", loading: "its model was still loading", needs_token: "the server wants a token",
  no_model: "the server had no model", busy: "the server had too much to do", too_long: "task and files were too long for its context", status: "the server refused", redirect: "the server pointed elsewhere",
  slow_first_token: "the first token did not come in time", stalled: "the answer stopped coming", too_slow: "the answer took too long", too_large: "the answer was too large", broke_off: "the connection broke off",
  hung_up: "the server hung up", server_error: "the server failed", not_understood: "the server’s answer was not understood", empty: "the answer was empty", not_json: "the answer was not the JSON that was asked for", length: "the answer ends at its token limit", off: "the local model is off", unknown: "nobody had looked at it yet",
});

/**
 * Why the local model did not do it, in words.
 * @param {string} reason
 */
export const reasonWords = (reason) => (Object.hasOwn(REASONS, reason) ? /** @type {string} */ (REASONS[reason]) : reason.replaceAll("_", " "));

const HOUR = 3_600_000_000;
const WIDTHS = /** @type {Record<string, number>} */ ({ hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR });
/** Points that a chart can show. */
const MOST = 400;

/**
 * The beginnings of all stretches from the first to the last, those without a task too: a time axis has no holes. Months are as they come.
 * @param {number[]} known
 * @param {string} bucket hour, day, week or month
 */
export function axis(known, bucket) {
  const all = [...new Set(known)].sort((a, b) => a - b);
  const width = WIDTHS[bucket];
  const [first, last] = [all[0], all[all.length - 1]];
  if (width === undefined || first === undefined || last === undefined || (last - first) / width > MOST) return all;
  /** @type {number[]} */
  const filled = [];
  for (const at of all) {
    // A day may be an hour longer or shorter.
    for (let before = filled[filled.length - 1]; before !== undefined && at - before > width * 1.5; before = filled[filled.length - 1]) filled.push(before + width);
    filled.push(at);
  }
  return filled;
}

/** What an answer about speed leaves out, in words; empty where that is nothing. @param {Pick<import("./types.js").LocalSpeed, "newest_tasks"|"models_left_out">} speed */
export const leftOut = ({ newest_tasks: newest, models_left_out: models }) =>
  [newest ? `Only the newest ${grouped(newest)} tasks are looked at; choose fewer days to see older ones.` : "", models ? `${plural(models, "model")} with fewer tasks ${models === 1 ? "is" : "are"} left out.` : ""].filter(Boolean).join(" ");

/** Where tasks ran, in words. @param {import("./types.js").DelegationSums} total */
export const ranWords = ({ local, claude, nobody }) => [[local, "ran here"], [claude, "Claude did instead"], [nobody, "nobody finished"]].filter(([count]) => count !== 0).map(([count, word]) => `${count} ${word}`).join(", ");
