// @ts-check
/** Starts the page: frame, router, stream; mounts the view of the route and tells it what changed. */
import * as store from "./store.js";
import { read } from "./api.js";
import { startRouter } from "./router.js";
import { listen, throttled } from "./stream.js";
import { waitingFor } from "./derive.js";
import { startTicker } from "./ticker.js";
import { startKeys } from "./keys.js";
import { nav } from "./frame/nav.js";
import { top } from "./frame/top.js";
import { banner } from "./frame/banner.js";
import { unauthorized } from "./parts/welcome.js";
import { overview } from "./views/overview.js";
import { activity } from "./views/activity.js";
import { costs } from "./views/costs.js";
import { requests } from "./views/requests.js";
import { local } from "./views/local.js";
import { routing } from "./views/routing.js";
import { subagents } from "./views/subagents.js";
import { sessions } from "./views/sessions.js";
import { session } from "./views/session.js";
import { system } from "./views/system.js";
import { missing } from "./views/missing.js";

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").Changed} Changed */

/** @type {Record<string, (root: HTMLElement, route: import("./types.js").Route) => View>} */
const VIEWS = { overview, activity, costs, requests, local, routing, subagents, sessions, session, system, missing };

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
/** @type {View|null} */
let view = null;
let mounted = "";

/** @param {store.State} state */
function show(state) {
  const { route, connection } = state;
  const key = connection === "unauthorized" ? "unauthorized" : `${route.view} ${route.id ?? ""}`;
  if (key === mounted) return;
  mounted = key;
  view?.destroy();
  view = null;
  main.replaceChildren();
  if (connection === "unauthorized") main.append(unauthorized());
  else view = /** @type {(root: HTMLElement, route: import("./types.js").Route) => View} */ (VIEWS[route.view] ?? missing)(main, route);
  frame.title(view);
}

/** @param {Changed|null} message */
function changed(message) {
  const { paused, missed } = store.get();
  if (paused) store.set({ missed: missed + (message?.events ?? 1) });
  else view?.changed(message);
  if (store.get().route.view !== "overview") waiting.ask();
  if (!message || message.all) loadProjects();
}

/** On the other pages, what waits for a person is asked for now and then: the number stands beside "Overview" and in the tab. */
const waiting = throttled(() => {
  read("overview", { project: store.get().route.query.project }).then((/** @type {any} */ answer) => store.set({ waiting: waitingFor(answer.attention) }), () => {
    // The number stays as it was; the banner says when the daemon does not answer.
  });
}, 5000);

function loadProjects() {
  read("projects").then((/** @type {any} */ answer) => {
    const before = store.get().projects;
    if (JSON.stringify(before) !== JSON.stringify(answer.items)) store.set({ projects: answer.items });
  }, () => {
    // The filter stays as it was; the view itself says when the daemon does not answer.
  });
}

startRouter();
nav(/** @type {HTMLElement} */ (document.getElementById("nav")));
const frame = top(/** @type {HTMLElement} */ (document.getElementById("top")));
banner(/** @type {HTMLElement} */ (document.getElementById("banner")));
startKeys(() => view);
startTicker();

let seen = store.get();
show(seen);
store.subscribe((state) => {
  const before = seen;
  seen = state;
  show(state);
  if (before.route !== state.route && view && before.route.view === state.route.view && before.route.id === state.route.id) view.update(state.route);
  if (before.route !== state.route || before.title !== state.title || before.waiting !== state.waiting) frame.title(view);
  if (before.paused && !state.paused) view?.changed(null);
});
listen(changed);
loadProjects();

