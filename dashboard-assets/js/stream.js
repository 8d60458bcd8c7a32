// @ts-check
/**
 * The daemon's stream of changes. It says that something changed, never what; views fetch what they show.
 *
 * A hidden tab gives its connection back: browsers allow six per host, and seven open tabs would otherwise stop each other.
 */
import * as store from "./store.js";

/** @typedef {import("./types.js").Changed} Changed */

const RETRY_MS = [500, 1000, 2000, 5000];

/** @type {EventSource|null} */
let source = null;
/** @type {number|undefined} */
let timer;
let tries = 0;
/** @type {(message: Changed|null) => void} */
let tell = () => {};

/**
 * Opens the stream and keeps it open. `null` means: anything may have changed.
 * @param {(message: Changed|null) => void} listener
 */
export function listen(listener) {
  tell = listener;
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => open());
  if (!document.hidden) open();
}

/** Tries at once, without waiting for the timer. */
export function retry() {
  tries = 0;
  close();
  open();
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function open() {
  if (source || document.hidden) return;
  clearTimeout(timer);
  const mine = new EventSource("/api/v1/stream");
  source = mine;
  let opened = false;
  mine.addEventListener("open", () => {
    tries = 0;
    store.set({ connection: "live", since: null });
    // What came between the page's first questions and this moment would otherwise be missed.
    if (!opened) tell(null);
    opened = true;
  });
  mine.addEventListener("changed", (message) => tell(changed(/** @type {MessageEvent<string>} */ (message).data)));
  mine.addEventListener("resync", () => tell(null));
  mine.addEventListener("error", () => {
    if (source !== mine) return;
    close();
    void lost();
  });
}

async function lost() {
  const { connection, since } = store.get();
  const status = await fetch("/api/v1/projects", { credentials: "same-origin" }).then((answer) => answer.status, () => 0);
  if (status === 401) store.set({ connection: "unauthorized" });
  else if (status === 0 || tries > 0) store.set({ connection: "down", since: since ?? (connection === "down" ? null : Date.now() * 1000) });
  const wait = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
  tries += 1;
  clearTimeout(timer);
  timer = setTimeout(open, wait);
}

/**
 * @param {string} data
 * @returns {Changed|null}
 */
function changed(data) {
  try {
    const message = JSON.parse(data);
    return { seq: Number(message.seq), events: Number(message.events) || 0, sessions: Array.isArray(message.sessions) ? message.sessions : [], all: message.all === true, ledger: message.ledger === true, local_model: message.local_model === true, delegations: message.delegations === true };
  } catch {
    return null;
  }
}

/**
 * Calls `run` at once, and again after `every_ms` if it was asked for meanwhile.
 * @param {() => void} run
 * @param {number|(() => number)} every_ms
 */
export function throttled(run, every_ms) {
  /** @type {number|undefined} */
  let wait;
  let again = false;
  const ask = () => {
    if (wait !== undefined) {
      again = true;
      return;
    }
    run();
    wait = setTimeout(() => {
      wait = undefined;
      if (again) {
        again = false;
        ask();
      }
    }, typeof every_ms === "number" ? every_ms : every_ms());
  };
  return { ask, stop: () => { clearTimeout(wait); wait = undefined; again = false; } };
}
