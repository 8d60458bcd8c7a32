// @ts-check
/** What just happened, anywhere: the live stream, filtered, searched, opened in place. */
import { el, keyed, remake } from "../dom.js";
import { icon } from "../icons.js";
import { read } from "../api.js";
import { refine } from "../router.js";
import { EVENT_NAMES, eventWord } from "../derive.js";
import { clock, exact, plural } from "../format.js";
import { bounds } from "../url.js";
import { clean } from "../text.js";
import { eventRow } from "../parts/event-row.js";
import { chips, choice, searchField, toggle } from "../parts/filters.js";
import { csvButton } from "../parts/panel.js";
import { empty, failure, loading } from "../parts/states.js";
import { eventFeed } from "./feed.js";

/** @typedef {import("../types.js").EventRow} EventRow */

const FILTERS = ["project", "session", "event", "tool", "agent", "failed", "q"];

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function activity(root, first) {
  let route = first;
  const search = searchField("Search commands, files, prompts");
  const events = choice("Event", "event", [["", "All events"], ...EVENT_NAMES.map((name) => /** @type {[string, string]} */ ([name, eventWord(name)]))]);
  const tools = choice("Tool", "tool", [["", "All tools"]]);
  const failed = toggle("Failed only", "failed");
  const linked = chips({ session: "Session", agent: "Agent" });
  const list = el("ul", { class: "stream", "aria-label": "Events, newest first" });
  const pill = el("button", { class: "btn main-action", type: "button", onclick: () => { feed.take(); scrollTo(0, 0); } });
  const fresh = el("div", { class: "new-rows", hidden: true }, pill);
  const foot = el("div", { class: "pager" });
  const note = el("div");
  root.append(
    el("div", { class: "stack" },
      el("div", { class: "bar" }, search.node, events.node, tools.node, failed.node, el("span", { class: "push" }), csvButton("activity", () => table(feed.rows()))),
      linked.node, el("section", { class: "panel", "aria-label": "Stream" }, fresh, list, note, foot)),
  );

  /** @type {Map<string, ReturnType<typeof eventRow>>} */
  const lines = new Map();
  const flip = (/** @type {EventRow} */ event) => refine({ open: openId() === event.event_id ? null : event.event_id }, { replace: true });
  const openId = () => route.query.open ?? "";

  const feed = eventFeed({
    query: () => ({ ...Object.fromEntries(FILTERS.map((name) => [name, route.query[name]])), ...bounds(route.query, Date.now() * 1000) }),
    // Rows wait as soon as they would move something that is being read: scrolled down, or one is open.
    hold: () => scrollY > 60 || [...lines.values()].some((line) => line.isOpen()) || list.contains(document.activeElement),
    draw,
  });

  /** @param {import("./feed.js").Feed} state */
  function draw(state) {
    keyed(list, state.rows, (row) => row.event_id, (row) => {
      const line = eventRow(row, flip);
      lines.set(row.event_id, line);
      return line;
    });
    if (lines.size > state.rows.length + 200) {
      const kept = new Set(state.rows.map((row) => row.event_id));
      for (const id of lines.keys()) if (!kept.has(id)) lines.delete(id);
    }
    showOpen();
    fresh.hidden = state.held === 0;
    remake(pill, state.held, () => [icon("up"), `${state.held > 500 ? "500+" : state.held} new`]);
    remake(note, [state.loading, state.error === null ? "" : String(state.error), state.rows.length === 0, filtered()], () => {
      if (state.error !== null) return [failure(state.error, feed.reload)];
      if (state.loading && state.rows.length === 0) return [loading(8)];
      return state.rows.length === 0 ? [nothing()] : [];
    });
    foot.hidden = state.rows.length === 0;
    remake(foot, [state.rows.length, state.next, state.searchedTo, state.loadingOlder], () => [
      state.next === null
        ? el("span", null, `${plural(state.rows.length, "event")}; that is all of them`)
        : el("button", { class: "btn", type: "button", disabled: state.loadingOlder, onclick: feed.older }, state.searchedTo === null ? "Older events" : "Search further back"),
      state.searchedTo !== null && el("span", { title: exact(state.searchedTo) }, `Searched back to ${clock(state.searchedTo, Date.now() * 1000)}`),
    ]);
  }
  const filtered = () => FILTERS.some((name) => route.query[name]) || Boolean(route.query.range || route.query.from);
  const nothing = () => filtered()
    ? empty("No event matches", "Take a filter away, choose a longer time, or search for fewer words.", el("button", { class: "btn", type: "button", onclick: () => refine(Object.fromEntries([...FILTERS, "range", "from", "to"].map((name) => [name, null]))) }, "Clear all filters"))
    : empty("No events yet", "Start a Claude Code session and its events show here as they happen. Nothing after a minute? Run orchd doctor.");

  function showOpen() {
    for (const [id, line] of lines) line.open(id === openId());
  }
  const controls = () => {
    const { query } = route;
    search.update(query.q);
    events.update(query.event);
    tools.update(query.tool);
    failed.update(query.failed);
    linked.update(query);
  };
  controls();
  feed.reload();
  read("activity", { range: "30d" }).then((/** @type {any} */ answer) => tools.update(route.query.tool, [["", "All tools"], ...answer.tools.map((/** @type {{tool_name: string}} */ tool) => [tool.tool_name, clean(tool.tool_name)])]), () => {});
  const onscroll = () => { if (scrollY <= 60 && feed.held() > 0 && !openId()) feed.take(); };
  addEventListener("scroll", onscroll, { passive: true });

  return {
    title: "Activity",
    project: true,
    range: "any",
    search: search.input,
    update(next) {
      const before = route;
      route = next;
      controls();
      if ([...FILTERS, "range", "from", "to"].some((name) => before.query[name] !== next.query[name])) feed.reload();
      else showOpen();
    },
    changed: (message) => feed.changed(message),
    escape() {
      if (!openId()) return false;
      refine({ open: null }, { replace: true });
      return true;
    },
    destroy() {
      removeEventListener("scroll", onscroll);
      search.stop();
      feed.stop();
    },
  };
}

/** @param {EventRow[]} rows */
const table = (rows) => ({
  head: ["seq", "occurred_at", "event", "project", "session_id", "session", "tool", "agent", "duration_ms", "failed", "summary", "event_id"],
  rows: rows.map((row) => [row.seq, new Date(row.occurred_at / 1000).toISOString(), row.hook_event_name, row.project, row.session_id, row.session_name, row.tool_name, row.agent_type ?? row.agent_id, row.duration_ms, row.failed, row.summary, row.event_id]),
});
