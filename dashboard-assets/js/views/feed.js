// @ts-check
/** The rows of the stream: pages back in time, new ones on top or held back, never two questions at once. */
import { read, latest } from "../api.js";
import { merge } from "../derive.js";

/** @typedef {import("../types.js").EventRow} EventRow */
/** @typedef {import("../types.js").EventList} EventList */
/** @typedef {{rows: EventRow[], held: number, next: number|null, searchedTo: number|null, loading: boolean, loadingOlder: boolean, error: unknown}} Feed */

const PAGE = 100;
const CATCH_UP = 500;
/** Rows kept in the page while new ones come in on top. */
const KEEP = 1000;

/**
 * @param {{query: () => Record<string, any>, hold: () => boolean, draw: (feed: Feed) => void}} how
 */
export function eventFeed(how) {
  /** @type {Feed} */
  const feed = { rows: [], held: 0, next: null, searchedTo: null, loading: false, loadingOlder: false, error: null };
  /** @type {EventRow[]} */
  let waiting = [];
  let newest = 0;
  let asking = false;
  let again = false;
  let round = 0;

  const first = latest((/** @type {EventList} */ answer) => {
    Object.assign(feed, { rows: answer.items, next: answer.next_before, searchedTo: answer.searched_to_at, loading: false, error: null, held: 0 });
    waiting = [];
    newest = answer.items[0]?.seq ?? 0;
    how.draw(feed);
    if (again) void catchUp();
  }, (error) => {
    feed.loading = false;
    // Rows that are there stay; the banner says that they are old.
    if (feed.rows.length === 0) feed.error = error;
    how.draw(feed);
  });

  /** @param {boolean} [quiet] without saying so, for a list that is empty and may stay so */
  function reload(quiet = false) {
    round += 1;
    feed.loading = !quiet;
    feed.error = null;
    if (!quiet) how.draw(feed);
    void first.run((signal) => read("events", { ...how.query(), limit: PAGE }, signal));
  }

  async function catchUp() {
    if (asking || first.busy()) {
      again = true;
      return;
    }
    if (newest === 0 || feed.error !== null) {
      again = false;
      reload(true);
      return;
    }
    asking = true;
    again = false;
    const mine = round;
    try {
      const answer = /** @type {EventList} */ (await read("events", { ...how.query(), after: newest, limit: CATCH_UP }));
      if (mine !== round) return;
      if (answer.items.length >= CATCH_UP && !how.hold()) {
        reload();
        return;
      }
      receive(answer.items);
    } catch {
      // The stream says again when the daemon is back.
    } finally {
      asking = false;
      if (again) void catchUp();
    }
  }

  /** @param {EventRow[]} items */
  function receive(items) {
    if (items.length === 0) return;
    newest = Math.max(newest, ...items.map((row) => row.seq));
    if (how.hold()) {
      waiting = merge(waiting, items, CATCH_UP + 1);
      feed.held = waiting.length;
    } else put([...waiting, ...items]);
    how.draw(feed);
  }

  /** @param {EventRow[]} items */
  function put(items) {
    feed.rows = merge(feed.rows, items, Math.max(KEEP, PAGE));
    if (feed.rows.length === KEEP) feed.next = feed.rows.at(-1)?.seq ?? feed.next;
    waiting = [];
    feed.held = 0;
  }

  return {
    reload: () => reload(),
    rows: () => feed.rows,
    held: () => feed.held,
    /** Shows the rows that were held back. */
    take() {
      if (waiting.length > CATCH_UP) reload();
      else {
        put(waiting);
        how.draw(feed);
      }
    },
    /** @param {import("../types.js").Changed|null} message */
    changed(message) {
      if (message && message.events === 0 && !message.all) return;
      void catchUp();
    },
    async older() {
      if (feed.next === null || feed.loadingOlder) return;
      const mine = round;
      feed.loadingOlder = true;
      how.draw(feed);
      try {
        const answer = /** @type {EventList} */ (await read("events", { ...how.query(), before: feed.next, limit: PAGE }));
        if (mine === round) Object.assign(feed, { rows: merge(feed.rows, answer.items), next: answer.next_before, searchedTo: answer.searched_to_at });
      } catch {
        // The button stays and can be pressed again.
      } finally {
        feed.loadingOlder = false;
        how.draw(feed);
      }
    },
    stop() {
      round += 1;
      first.stop();
    },
  };
}
