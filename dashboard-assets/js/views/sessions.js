// @ts-check
/** All sessions: searched, filtered, sorted, named, pinned; a page of them at a time. */
import { el, keyed, remake, announce } from "../dom.js";
import { icon } from "../icons.js";
import { read, latest } from "../api.js";
import { refine } from "../router.js";
import { throttled } from "../stream.js";
import { plural } from "../format.js";
import { sessionName } from "../derive.js";
import { chips, choice, searchField, toggle } from "../parts/filters.js";
import { csvButton } from "../parts/panel.js";
import { empty, failure, loading } from "../parts/states.js";
import { sortHead } from "../parts/sort-head.js";
import { sessionRow } from "../parts/session-row.js";

/** @typedef {import("../types.js").SessionRow} SessionRow */
/** @typedef {import("../types.js").SessionList} SessionList */

const FILTERS = ["project", "q", "state", "pinned"];
const ASKED = [...FILTERS, "sort", "order", "cursor"];
const COLUMNS = /** @type {import("../parts/sort-head.js").Column[]} */ ([
  { name: "Pin", unseen: true }, { name: "Session" }, { name: "State" }, { name: "Project" }, { name: "Model" }, { name: "Prompts", num: true }, { name: "Calls", sort: "tools", num: true },
  { name: "Failed", sort: "failures", num: true }, { name: "Agents", num: true }, { name: "Started", sort: "started", num: true }, { name: "Last event", sort: "last", num: true },
]);

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function sessions(root, first) {
  let route = first;
  /** @type {SessionList|null} */
  let shown = null;
  /** @type {SessionList|null} */
  let held = null;
  const search = searchField("Search names, prompts, projects");
  const state = choice("State", "state", [["", "Any state"], ["working", "Working"], ["waiting", "Waiting"], ["idle", "Idle"], ["ended", "Ended"], ["lost", "Lost"]]);
  const pinned = toggle("Pinned only", "pinned");
  const linked = chips({});
  const heads = COLUMNS.map((column) => sortHead(column, () => route.query, "last"));
  const body = el("tbody");
  const table = el("table", { class: "table cards sessions-table" }, el("caption", { class: "sr" }, "Sessions"), el("thead", null, el("tr", null, ...heads.map((item) => item.node))), body);
  const note = el("div");
  const pill = el("button", { class: "btn main-action", type: "button", onclick: () => { if (held) draw(held); } }, icon("up"), "List changed: show");
  const fresh = el("div", { class: "new-rows", hidden: true }, pill);
  const foot = el("div", { class: "pager" });
  root.append(
    el("div", { class: "stack" },
      el("div", { class: "bar" }, search.node, state.node, pinned.node, el("span", { class: "push" }), csvButton("sessions", () => csvOf(shown?.items ?? []))),
      linked.node, el("section", { class: "panel", "aria-label": "Sessions" }, fresh, table, note, foot)),
  );

  const reading = () => scrollY > 60 || body.contains(document.activeElement) || body.matches(":hover");
  const replaced = (/** @type {SessionRow} */ row) => {
    if (shown) show({ ...shown, items: shown.items.map((item) => (item.session_id === row.session_id ? row : item)) });
    announce(`${sessionName(row)}: saved`);
  };

  /** @param {SessionList} list */
  function show(list) {
    shown = list;
    keyed(body, list.items, (row) => row.session_id, (row) => sessionRow(row, replaced, (error) => announce(String(error))));
  }
  /** @param {SessionList} list */
  function draw(list) {
    held = null;
    fresh.hidden = true;
    show(list);
    table.hidden = list.items.length === 0;
    const filtered = FILTERS.some((name) => route.query[name]);
    remake(note, ["rows", list.items.length === 0, filtered], () => (list.items.length > 0 ? [] : [nothing(filtered)]));
    page(list);
  }
  /** @param {SessionList} list */
  function page(list) {
    foot.hidden = list.items.length === 0;
    const back = route.query.cursor;
    remake(foot, [list.total, list.next_cursor, back], () => [
      el("span", null, plural(list.total, "session")),
      el("span", { class: "push" }),
      back && el("button", { class: "btn", type: "button", onclick: () => refine({ cursor: null }) }, "First page"),
      back && el("button", { class: "btn", type: "button", onclick: () => history.back() }, "Back"),
      list.next_cursor && el("button", { class: "btn", type: "button", onclick: () => { refine({ cursor: list.next_cursor }); scrollTo(0, 0); } }, "Next page"),
    ]);
  }

  let fresh_question = true;
  const question = latest((/** @type {SessionList} */ answer) => {
    const same = shown !== null && sameOrder(shown.items, answer.items);
    if (fresh_question || same || !reading()) draw(answer);
    else {
      // Known rows are brought up to date where they stand; the new order waits.
      const next = new Map(answer.items.map((row) => [row.session_id, row]));
      show({ ...answer, items: (shown?.items ?? []).map((row) => next.get(row.session_id) ?? row) });
      held = answer;
      fresh.hidden = false;
    }
    fresh_question = false;
  }, (error) => {
    if (shown === null || fresh_question) remake(note, String(error), () => [failure(error, load)]);
  });
  function load() {
    const query = Object.fromEntries(ASKED.map((name) => [name, route.query[name]]));
    void question.run((signal) => read("sessions", { ...query, limit: 50 }, signal));
  }
  const again = throttled(load, 1000);
  const controls = () => {
    search.update(route.query.q);
    state.update(route.query.state);
    pinned.update(route.query.pinned);
    linked.update(route.query);
    for (const item of heads) item.update();
  };
  controls();
  table.hidden = true;
  foot.hidden = true;
  remake(note, "loading", () => [loading(8)]);
  load();

  return {
    title: "Sessions",
    project: true,
    search: search.input,
    update(next) {
      const before = route;
      route = next;
      controls();
      if (!ASKED.some((name) => before.query[name] !== next.query[name])) return;
      fresh_question = true;
      load();
    },
    changed: again.ask,
    destroy() {
      search.stop();
      again.stop();
      question.stop();
    },
  };
}

/** @param {SessionRow[]} a @param {SessionRow[]} b */
const sameOrder = (a, b) => a.length === b.length && a.every((row, at) => row.session_id === b[at]?.session_id);

/** @param {boolean} filtered */
const nothing = (filtered) =>
  filtered
    ? empty("No session matches", "Take a filter away or search for fewer words.", el("button", { class: "btn", type: "button", onclick: () => refine(Object.fromEntries([...FILTERS, "cursor"].map((name) => [name, null]))) }, "Clear all filters"))
    : empty("No sessions yet", "Start a Claude Code session in any project and it shows here. Nothing after a minute? Run orchd doctor.");

/** @param {SessionRow[]} rows */
const csvOf = (rows) => ({
  head: ["session_id", "name", "label", "pinned", "state", "project_dir", "model", "started_at", "last_event_at", "prompts", "tool_calls", "tool_failures", "agents", "events"],
  rows: rows.map((row) => [row.session_id, sessionName(row), row.label, row.pinned, row.state, row.project_dir, row.model, iso(row.started_at), iso(row.last_event_at), row.prompts, row.tool_calls, row.tool_failures, row.agents, row.events]),
});

/** @param {number} at */
const iso = (at) => new Date(at / 1000).toISOString();
