// @ts-check
/** Is anything waiting for me or broken, what runs now, and how does today compare. */
import { el, keyed, setText } from "../dom.js";
import { read, latest } from "../api.js";
import { throttled } from "../stream.js";
import { waitingFor } from "../derive.js";
import { countText } from "../format.js";
import { panel } from "../parts/panel.js";
import { empty, failure, loading } from "../parts/states.js";
import { welcome } from "../parts/welcome.js";
import { attention } from "../parts/attention.js";
import { tile } from "../parts/tile.js";
import { liveSession } from "../parts/live-session.js";
import { activityPanel } from "../parts/activity-panel.js";
import * as store from "../store.js";

/** @typedef {import("../types.js").Overview} Overview */

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function overview(root, first) {
  let route = first;
  const needs = attention();
  const tiles = el("div", { class: "tiles" });
  const count = el("span", { class: "count" });
  const live = panel("Live sessions");
  live.heading.append(" ", count);
  const list = el("ul");
  const none = el("div", null, empty("No session runs", "Start `claude` in a project and it shows here at once.".replaceAll("`", ""), el("a", { class: "btn", href: "/sessions" }, "Look at earlier sessions")));
  live.node.append(list, none);
  const chart = activityPanel();
  const page = el("div", { class: "stack" }, needs.node, el("section", { "aria-label": "Today" }, tiles), el("div", { class: "columns" }, el("div", { class: "stack" }, live.node, chart.projects), chart.node));
  const wait = el("div", { class: "panel" }, loading());
  root.append(wait);
  let shown = /** @type {"wait"|"page"|"welcome"|"error"} */ ("wait");

  /** @param {typeof shown} next @param {() => Node} make */
  const turn = (next, make) => {
    if (shown === next && next !== "error") return;
    shown = next;
    root.replaceChildren(make());
  };

  const question = latest((/** @type {Overview} */ answer) => {
    store.set({ waiting: waitingFor(answer.attention) });
    if (answer.capture.events === 0 && answer.capture.last_event_at === null && answer.live_total === 0) {
      turn("welcome", welcome);
      return;
    }
    needs.update(answer.attention);
    keyed(tiles, answer.tiles, (item) => item.key, tile);
    setText(count, answer.live_total > answer.live_sessions.length ? `${countText(answer.live_sessions.length)} of ${countText(answer.live_total)}` : countText(answer.live_total));
    keyed(list, answer.live_sessions, (item) => item.session_id, liveSession);
    none.hidden = answer.live_sessions.length > 0;
    if (usual(route)) chart.update(answer.activity, route);
    turn("page", () => page);
  }, (error) => {
    // With something on the page, the banner says that it is old; rows are not taken away.
    if (shown === "wait" || shown === "error") turn("error", () => el("div", { class: "panel" }, failure(error, load)));
  });

  const range = latest((/** @type {import("../types.js").Activity} */ answer) => chart.update(answer, route), (error) => chart.fail(error, load));

  function load() {
    const { project } = route.query;
    void question.run((signal) => read("overview", { project }, signal));
    if (usual(route)) range.stop();
    else void range.run((signal) => read("activity", { project, ...period(route) }, signal));
  }
  const again = throttled(load, 1000);
  load();

  return {
    title: "Overview",
    project: true,
    range: "day",
    update(next) {
      route = next;
      load();
    },
    changed: again.ask,
    destroy() {
      again.stop();
      question.stop();
      range.stop();
      chart.destroy();
    },
  };
}

/** @param {import("../types.js").Route} route */
const usual = ({ query }) => !query.from && !query.to && (!query.range || query.range === "24h");

/** @param {import("../types.js").Route} route */
const period = ({ query }) => (query.from || query.to ? { from: query.from, to: query.to } : { range: query.range });
