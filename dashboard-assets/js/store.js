// @ts-check
/** What more than one part of the page has to know. Views keep their own rows. */

/**
 * @typedef {{route: import("./types.js").Route, connection: import("./types.js").Connection, paused: boolean, missed: number,
 *   since: number|null, projects: {project: string, project_dir: string}[], waiting: number, title: string|null}} State
 */

/** @type {State} */
let state = { route: { view: "overview", id: null, query: {} }, connection: "connecting", paused: false, missed: 0, since: null, projects: [], waiting: 0, title: null };

/** @type {Set<(state: State, before: State) => void>} */
const listeners = new Set();

export const get = () => state;

/** @param {Partial<State>} change */
export function set(change) {
  const before = state;
  if (Object.entries(change).every(([name, value]) => Object.is(before[/** @type {keyof State} */ (name)], value))) return;
  state = { ...state, ...change };
  for (const listener of listeners) listener(state, before);
}

/**
 * Calls now and after each change; returns how to stop.
 * @param {(state: State, before: State) => void} listener
 */
export function subscribe(listener) {
  listeners.add(listener);
  listener(state, state);
  return () => void listeners.delete(listener);
}
