// @ts-check
/** Where did the time go in this session: its lanes on one axis, or the same facts as a list. */
import { el, remake } from "../dom.js";
import { icon } from "../icons.js";
import { read, latest, ApiError } from "../api.js";
import { refine } from "../router.js";
import { throttled } from "../stream.js";
import { sessionName } from "../derive.js";
import { countText } from "../format.js";
import * as store from "../store.js";
import { panel } from "../parts/panel.js";
import { empty, failure, loading } from "../parts/states.js";
import { sessionPage } from "../parts/cost-names.js";
import { searchField, toggle } from "../parts/filters.js";
import { timeline } from "../timeline/timeline.js";
import { timelineKey } from "../timeline/key.js";
import { sessionHead } from "./session-head.js";
import { sessionList } from "./session-list.js";
import { sessionPrompts } from "./session-prompts.js";
import { sessionCosts } from "./session-costs.js";
import { detailPanel } from "./session-detail.js";

/** @typedef {import("../types.js").SessionDetail} SessionDetail */

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function session(root, first) {
  let route = first;
  /** @type {SessionDetail|null} */
  let shown = null;
  const id = first.id ?? "";
  const head = sessionHead(id, (row) => { if (shown) draw({ ...shown, session: row }); });
  const picked = () => route.query.open ?? "";
  const lanes = timeline((chosen) => refine({ open: chosen === null ? null : "span" in chosen ? chosen.span.tool_use_id : chosen.mark.event_id }, { replace: true }));
  const key = timelineKey();
  const search = searchField("Search calls and prompts");
  const failed = toggle("Failed only", "failed");
  const list = sessionList((open) => refine({ open }, { replace: true }));
  const detail = detailPanel(() => refine({ open: null }, { replace: true }));
  const asLanes = el("button", { type: "button", onclick: () => refine({ view: null }) }, "Timeline");
  const asList = el("button", { type: "button", onclick: () => refine({ view: "list" }) }, "List");
  const zoomTools = el("div", { class: "bar" }, tool("gone", "Zoom out (−)", () => lanes.zoom(1 / 0.6)), tool("plus", "Zoom in (+)", () => lanes.zoom(0.6)), tool("fit", "Show all (0)", () => lanes.fit()));
  const listTools = el("div", { class: "bar" }, search.node, failed.node, list.csv);
  const card = panel("Timeline", listTools, zoomTools, el("div", { class: "seg", role: "group", "aria-label": "View" }, asLanes, asList));
  const left = el("p", { class: "muted small inside", hidden: true });
  card.node.append(left, lanes.node, key.node, list.node);
  const prompts = sessionPrompts((open) => refine({ open }, { replace: true }));
  const spent = sessionCosts(id, (by_prompt) => {
    head.cost(by_prompt);
    prompts.cost(by_prompt);
    if (shown) prompts.update(shown);
  });
  const split = el("div", { class: "with-detail" }, el("div", { class: "stack" }, card.node, prompts.node, spent.node), detail.node);
  const page = el("div", { class: "stack" }, head.node, split);
  const note = el("div", { class: "panel" }, loading(6));
  root.append(note);

  /** @param {SessionDetail} answer */
  function draw(answer) {
    shown = answer;
    store.set({ title: sessionName(answer.session) });
    head.update(answer);
    if (!page.isConnected) root.replaceChildren(page);
    left.hidden = answer.spans_left_out === 0;
    left.textContent = `${countText(answer.spans_left_out)} older calls are left out here; Activity has their events.`;
    arrange();
  }
  function arrange() {
    if (!shown) return;
    const asked = route.query.view === "list";
    asLanes.setAttribute("aria-pressed", String(!asked));
    asList.setAttribute("aria-pressed", String(asked));
    const bare = shown.spans.length === 0 && shown.marks.length === 0;
    lanes.node.hidden = asked || bare;
    zoomTools.hidden = asked || bare;
    key.node.hidden = asked || bare;
    list.node.hidden = !asked && !bare;
    listTools.hidden = !asked;
    search.update(route.query.q);
    failed.update(route.query.failed);
    const span = shown.spans.find((one) => one.tool_use_id === picked());
    const mark = span ? undefined : shown.marks.find((one) => one.event_id === picked());
    const chosen = span ? { span } : mark ? { mark } : null;
    split.classList.toggle("open", chosen !== null);
    detail.update(chosen, shown);
    prompts.update(shown);
    if (asked || bare) list.update(shown, route.query, picked());
    else {
      lanes.update(shown);
      key.update(shown);
      lanes.mark(chosen);
    }
  }

  let asked_at = 0;
  const question = latest((/** @type {SessionDetail} */ answer) => {
    draw(answer);
    cost_ms = performance.now() - asked_at;
  }, (error) => {
    if (shown) return;
    if (error instanceof ApiError && error.status === 404) remake(note, "404", () => [empty("No such session", "Hooks never saw it: it was imported, belongs to another home, or the address was cut.", el("div", { class: "bar" }, el("a", { class: "btn", href: "/sessions" }, "All sessions"), el("a", { class: "btn", href: sessionPage(id, false) }, "What it cost")))]);
    else remake(note, String(error), () => [failure(error, load)]);
  });
  function load() {
    asked_at = performance.now();
    void question.run((/** @type {AbortSignal} */ signal) => read(`sessions/${encodeURIComponent(id)}`, {}, signal));
  }
  // A small session follows each event; one of thousands of calls is asked for at most once a second.
  let cost_ms = 0;
  spent.sort(route.query);
  spent.ask();
  const again = throttled(load, () => Math.max(60, Math.min(1000, cost_ms * 8)));
  load();

  return {
    get title() { return shown ? sessionName(shown.session) : "Session"; },
    search: search.input,
    update(next) {
      route = next;
      spent.sort(route.query);
      arrange();
    },
    changed(message) {
      if (message && !message.all && !message.sessions.includes(id)) return;
      again.ask();
      spent.ask();
    },
    key: (name) => route.query.view !== "list" && lanes.key(name),
    escape() {
      if (!picked()) return false;
      refine({ open: null }, { replace: true });
      return true;
    },
    destroy() {
      again.stop();
      spent.stop();
      question.stop();
      search.stop();
      lanes.destroy();
    },
  };
}

/** @param {import("../icons.js").IconName} name @param {string} title @param {() => void} run */
const tool = (name, title, run) => el("button", { class: "btn plain icon-only", type: "button", "aria-label": title, title, onclick: run }, icon(name));
