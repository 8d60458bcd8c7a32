// @ts-check
/** What do I spend, on what, and where is it going: limits, this day, week and month, over time, and by what it was for. */
import { el, remake } from "../dom.js";
import { read, latest } from "../api.js";
import { go, href, refine } from "../router.js";
import { throttled } from "../stream.js";
import { requestsPath, whereOf, whereOfRow } from "../costs.js";
import { costName } from "../derive.js";
import { clean } from "../text.js";
import * as store from "../store.js";
import { chips } from "../parts/filters.js";
import { command, empty, failure, loading, marked } from "../parts/states.js";
import { planLimits } from "../parts/plan-limits.js";
import { spendingTiles } from "../parts/spending.js";
import { costChart } from "../parts/cost-chart.js";
import { costTable, groupsOf } from "../parts/cost-table.js";
import { costNames, sessionPage } from "../parts/cost-names.js";
import { history } from "./health.js";

/** @typedef {import("../types.js").Costs} Costs */
/** @typedef {import("../types.js").Spending} Spending */

const USUAL = "30d";
const ASKED = ["period", "since", "until", "project", "model", "agent", "session", "group"];
/** Rows; what is beyond is one sum. */
const MOST = 200;

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function costs(root, first) {
  let route = first;
  /** @type {Costs|null} */
  let shown = null;
  /** @type {Spending|null} */
  let spent = null;
  const limits = planLimits();
  const tiles = spendingTiles();
  const groups = el("div", { class: "seg", role: "group", "aria-label": "Costs by" });
  const linked = chips({ model: "Model", agent: "Agent", session: "Session" });
  const page_of = el("span");
  const chart = costChart(({ since, until }) => {
    if (since === until && route.query.since === since && route.query.until === until) go(requestsPath({ ...whereOf({ since, until }, route.query) }));
    else refine({ since, until, period: null });
  });
  const table = costTable();
  const split = el("div", { class: "stack" }, el("div", { class: "bar" }, groups, linked.node, page_of), chart.node, table.node);
  const nothing = el("div", { class: "panel" });
  const reading = el("p", { class: "panel reading", role: "status" });
  const page = el("div", { class: "stack" }, reading, limits.node, tiles.node, split, nothing);
  const note = el("div", { class: "panel" }, loading(6));
  root.append(note);
  const names = costNames(() => draw());

  const group = () => (groupsOf(route.query).some(([name]) => name === route.query.group) ? (route.query.group ?? "model") : route.query.session ? "prompt" : "model");
  const name = (/** @type {string} */ key, by = shown?.group ?? "model") => costName(by, key, { ...names.known(), projects: store.get().projects });

  /** Where the name of a row leads: one step deeper. @param {string} key */
  function open(key) {
    const by = shown?.group ?? "model";
    const where = shown && whereOfRow(by, key, whereOf(shown, route.query));
    if (!where) return null;
    if (by === "prompt") return requestsPath(where);
    return href("/costs", { ...route.query, sort: null, order: null, [by]: key, group: by === "session" ? "prompt" : "session" });
  }

  function controls() {
    linked.update(route.query);
    const chosen = group();
    remake(groups, [groupsOf(route.query), chosen], () => groupsOf(route.query).map(([by, word]) => el("button", { type: "button", "aria-pressed": String(by === chosen), onclick: () => refine({ group: by, sort: null, order: null }) }, `By ${word.toLowerCase()}`)));
    const { session } = route.query;
    const known = session !== undefined && names.known().sessions.has(session);
    remake(page_of, [session, known], () => (session && known ? [el("a", { class: "link", href: sessionPage(session, true) }, "Its timeline")] : []));
  }

  function draw() {
    controls();
    if (!shown || !spent) return;
    const bare = spent.first_day === null && shown.total.requests === 0;
    const { level, text } = history(spent.import);
    const reads = spent.import.state === "running";
    reading.hidden = level === "good" && !reads;
    remake(reading, text, () => [el("span", null, ...marked(text), reads ? " What is shown below grows until then." : "")]);
    limits.update(spent.plan_limits, spent.now_at);
    tiles.node.hidden = bare;
    tiles.update(spent, route.query.project);
    split.hidden = bare;
    nothing.hidden = !bare;
    if (bare) remake(nothing, route.query.project ?? "", () => [nothingYet(route.query.project)]);
    else {
      const view = { costs: shown, query: { period: USUAL, ...route.query }, where: whereOf(shown, route.query), today: spent.periods[0]?.until ?? "", name, open };
      chart.update(view);
      table.update(view);
    }
    if (!page.isConnected) root.replaceChildren(page);
  }

  const fail = (/** @type {unknown} */ error) => {
    if (page.isConnected) return;
    remake(note, String(error), () => [failure(error, load)]);
    if (!note.isConnected) root.replaceChildren(note);
  };
  const spending = latest((/** @type {Spending} */ answer) => {
    spent = answer;
    draw();
    // Its end is not always a change of the ledger.
    if (answer.import.state === "running") again.ask();
  }, fail);
  const question = latest((/** @type {Costs} */ answer) => {
    shown = answer;
    names.ask(answer.group === "session", route.query.session);
    draw();
  }, (error) => {
    // What was asked for by address and is refused must not stand under another answer's numbers.
    if (page.isConnected && asked !== answered) { page.remove(); shown = null; }
    fail(error);
  });
  let asked = "";
  let answered = "";
  function load() {
    const query = Object.fromEntries(ASKED.map((one) => [one, route.query[one]]));
    asked = JSON.stringify(query);
    const mine = asked;
    void spending.run((signal) => read("spending", { project: route.query.project }, signal));
    void question.run(async (signal) => {
      const answer = /** @type {Costs} */ (await read("costs", { ...query, period: query.period ?? (query.since || query.until ? undefined : USUAL), group: group(), limit: MOST }, signal));
      answered = mine;
      return answer;
    });
  }
  const again = throttled(load, 700);
  controls();
  load();

  return {
    title: "Costs",
    project: true,
    range: "days",
    period: USUAL,
    update(next) {
      const before = route;
      route = next;
      controls();
      if (ASKED.some((one) => before.query[one] !== next.query[one])) load();
      else draw();
    },
    changed: again.ask,
    destroy() {
      again.stop();
      spending.stop();
      question.stop();
      names.stop();
      chart.destroy();
    },
  };
}

/** @param {string|undefined} project */
const nothingYet = (project) =>
  project
    ? empty("No request of this project yet", `The ledger knows none of ${clean(project)}. Work in it and its costs show here.`, el("button", { class: "btn", type: "button", onclick: () => refine({ project: null }) }, "All projects"))
    : empty("The ledger is empty", "Costs come from the transcripts that Claude Code keeps and from its telemetry. Work in a session and they show here; this reads what was done before:", el("p", null, command("orchd import")));
