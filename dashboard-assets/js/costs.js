// @ts-check
/** From the ledger's sums to what a view shows, and the way from each number to its rows. Pure. */
import { search } from "./url.js";
import { grouped, usd, usdExact } from "./format.js";

/** @typedef {import("./types.js").CostSums} CostSums */
/** @typedef {import("./types.js").CostRow} CostRow */
/** @typedef {import("./types.js").Costs} Costs */
/** @typedef {"cost_usd"|"requests"|"tokens"|"input_tokens"|"output_tokens"|"cache_creation_input_tokens"|"cache_read_input_tokens"} What */
/** @typedef {Partial<Record<"since"|"until"|"project"|"model"|"agent"|"session"|"prompt", string|null>>} Where which requests */

export const GROUPS = /** @type {[string, string][]} */ ([["model", "Model"], ["project", "Project"], ["agent", "Agent"], ["session", "Session"], ["prompt", "Prompt"]]);

/** What narrows requests, as addresses name it. */
export const NARROWS = /** @type {const} */ (["since", "until", "project", "model", "agent", "session", "prompt"]);

/** The value of the filter for requests that belong to no prompt. */
export const NO_PROMPT = "none";

export const KINDS = /** @type {[What, string, string][]} */ ([
  ["input_tokens", "Input", "Tokens read anew, at the full price"],
  ["output_tokens", "Output", "Tokens written by the model"],
  ["cache_creation_input_tokens", "Cache write", "Tokens of the prompt that were put into the cache"],
  ["cache_read_input_tokens", "Cache read", "Tokens of the prompt that came from the cache"],
]);

/**
 * The address of the requests that a number sums, with exactly its filters.
 * @param {Where} where
 */
export const requestsPath = (where) => `/costs/requests${search(Object.fromEntries(NARROWS.map((name) => [name, where[name]])))}`;

/**
 * Which requests a row of an answer sums; null when no filter can say it.
 * @param {string} group
 * @param {string} key
 * @param {Where} where of the answer
 * @returns {Where|null}
 */
export function whereOfRow(group, key, where) {
  if (group === "prompt") return { ...where, prompt: key === "" ? NO_PROMPT : key };
  return key === "" ? null : { ...where, [group]: key };
}

/**
 * Which requests an answer sums: its days, and the filters it was asked for.
 * @param {{since: string|null, until: string|null}} answer
 * @param {Record<string, string|undefined>} query
 * @returns {Where}
 */
export const whereOf = (answer, query) => ({ since: answer.since, until: answer.until, project: query.project, model: query.model, agent: query.agent, session: query.session });

/** @param {CostSums} sums */
export const promptTokens = (sums) => sums.input_tokens + sums.cache_creation_input_tokens + sums.cache_read_input_tokens;

/** @param {CostSums} sums */
export const allTokens = (sums) => promptTokens(sums) + sums.output_tokens;

/**
 * A number by its name; null for a cost that is not known.
 * @param {CostSums} sums
 * @param {What} what
 */
export const amount = (sums, what) => (what === "tokens" ? allTokens(sums) : sums[what]);

/**
 * How well the cache works: share of the prompts' tokens that came from it, and tokens read for each one written; null without any.
 * @param {CostSums} sums
 */
export function cacheUse(sums) {
  const prompts = promptTokens(sums);
  return {
    share: prompts > 0 ? sums.cache_read_input_tokens / prompts : null,
    reads_per_write: sums.cache_creation_input_tokens > 0 ? sums.cache_read_input_tokens / sums.cache_creation_input_tokens : null,
  };
}

/**
 * Share of the known cost; null where either is not known.
 * @param {CostSums} part
 * @param {CostSums} total
 */
export const shareOf = (part, total) => (part.cost_usd === null || total.cost_usd === null || total.cost_usd <= 0 ? null : part.cost_usd / total.cost_usd);

/**
 * A cost in words: what is known, and how many requests are not in it.
 * @param {CostSums} sums
 */
export function costWords(sums) {
  const { cost_usd, unknown_cost_requests: unknown } = sums;
  const missing = unknown === 1 ? "1 request" : `${grouped(unknown)} requests`;
  if (cost_usd === null) return { value: "unknown", more: "", title: `No price is known for ${missing}: the model is in no price list` };
  if (unknown === 0) return { value: usd(cost_usd), more: "", title: usdExact(cost_usd) };
  return { value: usd(cost_usd), more: `+ ${grouped(unknown)} unknown`, title: `${usdExact(cost_usd)}; ${missing} without a known price ${unknown === 1 ? "is" : "are"} not in it` };
}

/**
 * Rows in another order; those without a value come last either way.
 * @template {CostRow} T
 * @param {T[]} rows as the daemon sent them
 * @param {string|undefined} sort
 * @param {string|undefined} order
 */
export function sorted(rows, sort, order) {
  const by = /** @type {(row: T) => string|number|null} */ (
    sort === "name" ? (row) => row.key : sort === "cache" ? (row) => cacheUse(row).share : SORTS.includes(sort ?? "") ? (row) => amount(row, /** @type {What} */ (sort)) : (row) => row.cost_usd);
  const sign = order === "asc" ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)];
    if (x === y) return 0;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y ? -sign : sign;
  });
}
const SORTS = ["cost_usd", "requests", ...KINDS.map(([what]) => what)];

/** Series that a chart tells apart; beyond, the last is all others. */
const MOST = 8;

/**
 * The series of a chart in the order of the rows, each with its key; null for all others. Empty where time is not parted.
 * @param {Costs} costs
 * @returns {(string|null)[]}
 */
export function seriesKeys({ rows, other, group }) {
  if (!["model", "project", "agent"].includes(group)) return [];
  const whole = rows.length < MOST || (rows.length === MOST && other === null);
  return whole ? rows.map((row) => row.key) : [...rows.slice(0, MOST - 1).map((row) => row.key), null];
}

/**
 * The role of a series' colour.
 * @param {string|null} key
 * @param {number} at
 */
export const seriesRole = (key, at) => (key === null ? "series-others" : `series-${at + 1}`);
