// @ts-check
/** Which agents earn their cost: their sum in a line, the table of agents, who calls whom, and the newest runs. */
import { el, foreign, remake } from "../dom.js";
import { read, latest } from "../api.js";
import { refine } from "../router.js";
import { throttled } from "../stream.js";
import { daysWord } from "../days.js";
import { dearest, isUsed, successShare, totals } from "../subagents.js";
import { countText, grouped, joined, plural, ratio, usd, usdExact } from "../format.js";
import { empty, failure, loading } from "../parts/states.js";
import { agentTable } from "../parts/agent-table.js";
import { agentChains } from "../parts/agent-chains.js";
import { agentRuns } from "../parts/agent-runs.js";

/** @typedef {import("../types.js").Subagents} Subagents */

const USUAL = "30d";
const ASKED = ["period", "since", "until", "project"];

/**
 * @param {HTMLElement} root
 * @param {import("../types.js").Route} first
 * @returns {import("../types.js").View}
 */
export function subagents(root, first) {
  let route = first;
  /** @type {Subagents|null} */
  let shown = null;
  const line = el("p", { class: "headline" });
  const head = el("section", { class: "panel agents-head", "aria-label": "All agents" }, line);
  const agents = agentTable();
  const chains = agentChains();
  const runs = agentRuns();
  const nothing = el("div", { class: "panel" });
  const page = el("div", { class: "stack" }, head, agents.node, chains.node, runs.node, nothing);
  const note = el("div", { class: "panel" }, loading(6));
  root.append(note);

  function draw() {
    if (!shown) return;
    const none = !shown.agents.some(isUsed);
    const narrowed = ASKED.some((name) => route.query[name]);
    head.hidden = !shown.agents.some((agent) => agent.runs > 0);
    agents.node.hidden = none;
    nothing.hidden = !none;
    remake(nothing, [none, narrowed], () => (none ? [nobody(narrowed)] : []));
    remake(line, [shown.agents, route.query], () => (shown ? headline(shown, route.query) : []));
    agents.update({ agents: shown.agents, query: { ...route.query } });
    chains.update(shown.chains);
    runs.update(shown.runs);
    if (!page.isConnected) root.replaceChildren(page);
  }
  const question = latest((/** @type {Subagents} */ answer) => { shown = answer; draw(); }, (error) => {
    if (page.isConnected) return;
    remake(note, String(error), () => [failure(error, load)]);
    if (!note.isConnected) root.replaceChildren(note);
  });
  function load() {
    const asked = /** @type {Record<string, string|undefined>} */ (Object.fromEntries(ASKED.map((name) => [name, route.query[name]])));
    const period = asked.period ?? (asked.since || asked.until ? undefined : USUAL);
    void question.run((signal) => read("subagents", { ...asked, period }, signal));
  }
  const again = throttled(load, 1500);
  load();

  return {
    title: "Subagents",
    project: true,
    range: "days",
    period: USUAL,
    update(next) {
      const before = route;
      route = next;
      if (ASKED.some((name) => before.query[name] !== next.query[name])) load();
      else draw();
    },
    changed: again.ask,
    destroy() {
      again.stop();
      question.stop();
    },
  };
}

/** @param {Subagents} answer @param {Record<string, string>} query */
function headline({ agents }, query) {
  const ran = agents.filter((agent) => agent.runs > 0);
  const sum = totals(ran);
  const most = dearest(agents);
  const share = successShare(sum);
  const days = daysWord({ period: USUAL, ...query }, { since: query.since ?? null, until: query.until ?? null }).toLowerCase();
  return [
    el("b", { title: sum.cost_usd === null ? null : usdExact(sum.cost_usd) }, sum.cost_usd === null ? "Cost unknown" : usd(sum.cost_usd), sum.unknown_cost_requests > 0 && el("span", { class: "unit" }, ` + ${grouped(sum.unknown_cost_requests)} unknown`)),
    el("span", { class: "muted" }, `for ${plural(sum.runs, "run")} of ${plural(ran.length, "agent")}, ${days}`,
      most && ran.length > 1 ? el("span", null, "; ", foreign(most.agent_type), ` cost most, ${joined(ratio(most.share))} of it`) : "",
      `. ${share === null ? "How they came out is not known" : `${joined(ratio(share))} of the ${countText(sum.success + sum.failure)} that are known succeeded`}.`),
  ];
}

/** @param {boolean} narrowed */
const nobody = (narrowed) =>
  narrowed
    ? empty("No subagent ran in these days", "Choose other days or another project.", el("button", { class: "btn", type: "button", onclick: () => refine({ ...Object.fromEntries(ASKED.map((name) => [name, null])), period: "all" }) }, "Show all"))
    : empty("No subagent ran in the last 30 days", "When Claude starts one with its Agent tool, its runs, cost, duration and outcome show here.");
