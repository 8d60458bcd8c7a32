// @ts-check
/** Are the decisions right, and how sure are we: the headline, decisions as they come, what they rest on, and where they were not followed. */
import { el, remake } from "../dom.js";
import { read, latest } from "../api.js";
import { refine } from "../router.js";
import { throttled } from "../stream.js";
import { countText } from "../format.js";
import { choice } from "../parts/filters.js";
import { empty, failure, loading } from "../parts/states.js";
import { routingHead } from "../parts/routing-head.js";
import { confidence } from "../parts/confidence.js";
import { reliability } from "../parts/reliability.js";
import { threshold } from "../parts/threshold.js";
import { taskList } from "../parts/task-list.js";

/** @typedef {import("../types.js").Routing} Routing */
/** @typedef {import("../types.js").TaskRow} TaskRow */

const USUAL = "90d";
const ASKED = ["period", "since", "until", "project"];
/** What narrows the list of decisions alone. */
const OF_LIST = ["kind", "route", "label"];
const ROUTES = /** @type {[string, string][]} */ ([["", "All"], ["local", "Local model"], ["claude", "Claude"]]);
const KINDS = /** @type {[string, string][]} */ ([["", "All kinds"], ["prompt", "Prompts"], ["agent", "Agent calls"], ["delegation", "Delegations"]]);
const LABELS = /** @type {[string, string][]} */ ([["", "Any outcome"], ["success", "Succeeded"], ["failure", "Failed"], ["unknown", "Not known"]]);

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function routing(root, first) {
  let route = first;
  /** @type {Routing|null} */
  let shown = null;
  /** What the slider is moved to, before it rests. @type {number|null} */
  let trying = null;

  const days = () => {
    const asked = /** @type {Record<string, string|undefined>} */ (Object.fromEntries(ASKED.map((name) => [name, route.query[name]])));
    return { ...asked, period: asked.period ?? (asked.since || asked.until ? undefined : USUAL) };
  };
  const narrowed = () => /** @type {Record<string, string|undefined>} */ (Object.fromEntries(OF_LIST.map((name) => [name, route.query[name]])));
  /** A task that the user judged: both lists show it, and all figures follow. @param {TaskRow} row */
  const judged = (row) => {
    decisions.put(row);
    apart.put(row);
    figures.ask();
  };
  const decisions = taskList({ title: "Decisions", about: "result", page: 12, query: () => ({ ...days(), ...narrowed() }), nothing: () => nothing(Object.values(narrowed()).some(Boolean)), onchange: judged, onload: () => unused() });
  const apart = taskList({ title: "Where it ran elsewhere than recommended", about: "route", page: 8, query: () => ({ ...days(), disagree: true }), nothing: agreed, onchange: judged });
  const routes = el("div", { class: "seg", role: "group", "aria-label": "Recommended route" });
  const kind = choice("Kind", "kind", KINDS);
  const label = choice("Outcome", "label", LABELS);
  decisions.header.append(kind.node, label.node, routes);
  const many = el("span", { class: "count" });
  apart.heading.append(" ", many);
  const hint = el("p", { class: "muted small inside" }, "Your word on these says whether the recommendation was right, and calibrates the next ones.");
  apart.header.after(hint);
  /** Without any decision the headline says so alone. */
  const unused = () => { decisions.node.hidden = shown?.decisions === 0 && decisions.count() === 0 && !Object.values(narrowed()).some(Boolean); };

  const head = routingHead();
  const sure = confidence();
  const holds = reliability();
  const other = threshold((at) => { trying = at; draw(); }, (at) => refine({ t: at.toFixed(2) }, { replace: true }));
  const charts = el("div", { class: "halves level" }, sure.node, holds.node);
  const page = el("div", { class: "stack" }, head.node, decisions.node, charts, other.node, apart.node);
  const note = el("div", { class: "panel" }, loading(6));
  root.append(note);

  const at = () => {
    const chosen = route.query.t === undefined ? NaN : Number(route.query.t);
    return trying ?? (Number.isFinite(chosen) ? Math.max(0, Math.min(1, chosen)) : null);
  };
  function controls() {
    const { route: to = "" } = route.query;
    kind.update(route.query.kind);
    label.update(route.query.label);
    remake(routes, to, () => ROUTES.map(([value, word]) => el("button", { type: "button", "aria-pressed": String(value === to), onclick: () => refine({ route: value }) }, word)));
  }
  function draw() {
    controls();
    if (!shown) return;
    head.update(shown);
    sure.update(shown, at());
    holds.update(shown);
    other.update(shown, at());
    hint.hidden = shown.disagreements === 0;
    for (const part of [charts, apart.node]) part.hidden = shown.decisions === 0;
    unused();
    remake(many, shown.disagreements, () => [shown && shown.disagreements > 0 ? countText(shown.disagreements) : ""]);
    if (!page.isConnected) root.replaceChildren(page);
  }
  const question = latest((/** @type {Routing} */ answer) => { shown = answer; draw(); }, (error) => {
    if (page.isConnected) return;
    remake(note, String(error), () => [failure(error, load)]);
    if (!note.isConnected) root.replaceChildren(note);
  });
  const ask = () => void question.run((signal) => read("routing", days(), signal));
  function load() {
    ask();
    decisions.load();
    apart.load();
  }
  const figures = throttled(ask, 1000);
  const again = throttled(load, 1500);
  controls();
  load();

  return {
    title: "Routing",
    project: true,
    range: "days",
    period: USUAL,
    update(next) {
      const before = route;
      route = next;
      trying = null;
      const moved = (/** @type {string[]} */ names) => names.some((name) => before.query[name] !== next.query[name]);
      if (moved(ASKED)) {
        ask();
        apart.restart();
      }
      if (moved([...ASKED, ...OF_LIST])) decisions.restart();
      draw();
    },
    changed: again.ask,
    escape: () => decisions.escape() || apart.escape(),
    destroy() {
      for (const part of [again, figures, question, decisions, apart]) part.stop();
      sure.destroy();
      holds.destroy();
    },
  };
}

/** @param {boolean} narrow */
const nothing = (narrow) =>
  narrow
    ? empty("No task matches", "Take a filter away or choose other days.", el("button", { class: "btn", type: "button", onclick: () => refine(Object.fromEntries(OF_LIST.map((name) => [name, null]))) }, "Clear these filters"))
    : empty("No decision in these days", "Each prompt that asks for something, each call of a subagent and each delegation shows here with what was decided and what came of it. Nothing after a minute of work? Run orchd doctor.");

const agreed = () => empty("Everything ran where it was recommended", "A task that went another way stands here, so that you can say which was right.");
