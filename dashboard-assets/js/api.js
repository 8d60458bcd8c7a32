// @ts-check
/** The daemon's answers. Everything that crosses the network passes here or in stream.js. */
import { search } from "./url.js";
import { clean } from "./text.js";
import * as store from "./store.js";

/** An answer that is not a success, in words for people. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when the daemon did not answer
   * @param {string} title
   * @param {string|null} hint
   */
  constructor(status, title, hint) {
    super(title);
    this.status = status;
    this.hint = hint;
  }
}

/** Milliseconds after which an answer is given up. */
const PATIENCE_MS = 15_000;

/**
 * @template T
 * @param {string} path
 * @param {RequestInit} init
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
async function ask(path, init, signal) {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...init, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, limit.aborted ? "The daemon took too long to answer" : "The daemon does not answer", "Start it with `orchd start`; this page tries again by itself.");
  }
  if (response.status === 401) store.set({ connection: "unauthorized" });
  if (!response.ok) throw await problem(response);
  return /** @type {Promise<T>} */ (response.json());
}

/** @param {Response} response */
async function problem(response) {
  /** @type {Record<string, unknown>} */
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A body that is no problem+json adds nothing to the status.
  }
  const title = clean(body.detail) || clean(body.title) || `The daemon answered ${response.status}`;
  return new ApiError(response.status, title, clean(body.hint) || null);
}

/**
 * @template T
 * @param {string} path
 * @param {Record<string, string|number|boolean|null|undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export const read = (path, query = {}, signal) => ask(`/api/v1/${path}${search(query)}`, { headers: { accept: "application/json" } }, signal);

/**
 * @param {string} id
 * @param {{label?: string|null, pinned?: boolean}} change
 * @returns {Promise<import("./types.js").SessionRow>}
 */
export const editSession = (id, change) =>
  ask(`/api/v1/sessions/${encodeURIComponent(id)}`, { method: "PATCH", headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(change) });

/**
 * The user's word on a task.
 * @param {{task: string, verdict: "good"|"bad", about: "result"|"route"}} word
 * @returns {Promise<import("./types.js").TaskRow>}
 */
export const giveFeedback = (word) => ask("/api/v1/feedback", { method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(word) });

/**
 * Runs one question at a time: a newer one ends the one under way, and only the newest answer is used.
 * @template T
 * @param {(answer: T) => void} use
 * @param {(error: unknown) => void} fail
 */
export function latest(use, fail) {
  /** @type {AbortController|null} */
  let current = null;
  // Over before its answer is used: what draws it may look whether one is under way.
  const ends = (/** @type {AbortController} */ mine) => {
    if (current !== mine) return false;
    current = null;
    return true;
  };
  return {
    /** @param {(signal: AbortSignal) => Promise<T>} question */
    async run(question) {
      let newest = false;
      current?.abort();
      const mine = new AbortController();
      current = mine;
      try {
        const answer = await question(mine.signal);
        newest = ends(mine);
        if (newest) use(answer);
      } catch (error) {
        newest ||= ends(mine);
        if (newest && !mine.signal.aborted) fail(error);
      }
    },
    stop: () => {
      current?.abort();
      current = null;
    },
    busy: () => current !== null,
  };
}
