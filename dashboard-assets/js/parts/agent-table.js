// @ts-check
/** Agents: how often, how well, at what cost, how fast, and whether the one that was suggested was used. */
import { attr, el, foreign, keyed, remake, setForeign, setText } from "../dom.js";
import { requestsPath } from "../costs.js";
import { isUsed, perRun, sortedAgents, sourceWord, successShare } from "../subagents.js";
import { countText, duration, grouped, joined, plural, ratio, usd, usdExact } from "../format.js";
import { href } from "../router.js";
import { clean } from "../text.js";
import { csvButton, panel } from "./panel.js";
import { sortHead } from "./sort-head.js";

/** @typedef {import("../types.js").AgentSums} AgentSums */
/** @typedef {{agents: AgentSums[], query: Record<string, string>}} Shown */

const COLUMNS = /** @type {import("./sort-head.js").Column[]} */ ([
  { name: "Agent", sort: "name" }, { name: "Runs", sort: "runs", num: true }, { name: "Came out", sort: "success", title: "Succeeded, failed, not known; sorted by the share of success where it is known" },
  { name: "Cost", sort: "cost_usd", num: true }, { name: "Per run", sort: "per_run", num: true, title: "Mean cost of a run" },
  { name: "Median", sort: "p50", num: true, title: "Half of the runs took no longer" }, { name: "p95", sort: "p95", num: true, title: "95 of 100 runs took no longer" },
  { name: "Failed calls", sort: "tool_failures", num: true, title: "Of its tool calls" }, { name: "Suggested", sort: "suggested", num: true, title: "How often the router took a task for this agent’s, and how often it was then used" },
]);

export function agentTable() {
  /** @type {Shown|null} */
  let last = null;
  const count = el("span", { class: "count" });
  const top = panel("Agents", csvButton("subagents", () => csvOf(last?.agents ?? [])));
  top.heading.append(" ", count);
  const heads = COLUMNS.map((column) => sortHead(column, () => last?.query ?? {}, "cost_usd"));
  const body = el("tbody");
  const rest = el("footer");
  top.node.append(el("table", { class: "table cards agents-table" }, el("caption", { class: "sr" }, "Agents with what they cost and how they did"), el("thead", null, el("tr", null, ...heads.map((head) => head.node))), body), rest);
  return {
    node: top.node,
    /** @param {Shown} shown */
    update(shown) {
      last = shown;
      for (const head of heads) head.update();
      const used = shown.agents.filter(isUsed);
      const idle = shown.agents.filter((agent) => !isUsed(agent));
      setText(count, countText(used.length));
      rest.hidden = idle.length === 0;
      remake(rest, idle.map((agent) => agent.agent_type), () => ["Known, but neither used nor suggested in these days: ", ...idle.flatMap((agent, at) => [at > 0 ? ", " : "", el("span", { title: clean(agent.description) || null }, foreign(agent.agent_type))])]);
      keyed(body, sortedAgents(used, shown.query.sort, shown.query.order).map((agent) => ({ agent, query: shown.query })), (item) => item.agent.agent_type, agentRow);
    },
  };
}

/** @param {{agent: AgentSums, query: Record<string, string>}} first */
function agentRow({ agent: first }) {
  const name = foreign(first.agent_type, "name");
  const about = foreign("", "small muted cut about");
  const runs = el("td", { class: "num", "data-name": "Runs" });
  const came = cameOut();
  const link = el("a", { class: "sum" });
  const each = el("td", { class: "num", "data-name": "Per run" });
  const [p50, p95] = [el("td", { class: "num", "data-name": "Median" }), el("td", { class: "num", "data-name": "p95" })];
  const bad = el("td", { class: "num", "data-name": "Failed calls" });
  const suggested = el("td", { class: "num", "data-name": "Suggested" });
  const node = el("tr", { class: "row" },
    el("td", { class: "wide cell agent-cell" }, name, about), runs, el("td", { class: "came" }, came.node),
    el("td", { class: "num strong", "data-name": "Cost" }, link), each, p50, p95, bad, suggested);
  return {
    node,
    /** @param {{agent: AgentSums, query: Record<string, string>}} item */
    update({ agent, query }) {
      const said = [sourceWord(agent.source), agent.description ?? ""].filter(Boolean).join(": ");
      setForeign(about, said);
      about.hidden = said === "";
      remake(runs, [agent.runs, agent.running], () => [countText(agent.runs), agent.running > 0 && el("span", { class: "unit" }, ` ${countText(agent.running)} now`)]);
      came.update(agent);
      attr(link, "href", agent.cost_usd === null ? null : requestsPathOf(agent.agent_type, query));
      attr(link, "title", agent.cost_usd === null ? "No price is known, or no request was seen" : `${usdExact(agent.cost_usd)}: show this agent’s requests`);
      remake(link, [agent.runs === 0, agent.cost_usd, agent.unknown_cost_requests], () => [agent.runs === 0 ? "–" : agent.cost_usd === null ? "unknown" : usd(agent.cost_usd), agent.unknown_cost_requests > 0 && agent.cost_usd !== null && el("span", { class: "unit more" }, ` + ${grouped(agent.unknown_cost_requests)} unknown`)]);
      setText(each, perRun(agent) === null ? "–" : usd(perRun(agent)));
      setText(p50, took(agent.duration_ms_p50));
      setText(p95, took(agent.duration_ms_p95));
      const share = agent.tool_calls > 0 ? agent.tool_failures / agent.tool_calls : null;
      setText(bad, agent.tool_calls === 0 ? "–" : `${countText(agent.tool_failures)} of ${countText(agent.tool_calls)}`);
      attr(bad, "title", share === null ? "No tool call" : joined(ratio(share)));
      attr(bad, "class", agent.tool_failures >= 3 && (share ?? 0) >= 0.1 ? "num bad" : "num muted");
      setText(suggested, agent.suggested === 0 ? "–" : `${countText(agent.suggested)}, ${countText(agent.suggested_and_used)} used`);
      attr(suggested, "title", agent.suggested === 0 ? "No task looked like this agent’s" : `${plural(agent.suggested, "task")} looked like this agent’s; it was used for ${grouped(agent.suggested_and_used)} of them`);
    },
  };
}

/** @param {number|null} ms */
const took = (ms) => duration(ms === null ? null : ms * 1000);

/** The requests of an agent in the days of the page. @param {string} agent @param {Record<string, string>} query */
export function requestsPathOf(agent, { period, since, until, project }) {
  if (since || until) return requestsPath({ agent, since: since ?? null, until: until ?? null, project: project ?? null });
  return href("/costs/requests", { agent, period: period ?? "30d", project: project ?? null });
}

/** A bar of three parts with the same in words. */
export function cameOut() {
  const parts = /** @type {const} */ (["success", "failure", "unknown"]).map((name) => ({ name, node: el("i", { class: name }) }));
  const words = el("span", { class: "small" });
  const node = el("div", { class: "came-out" }, el("div", { class: "parts", "aria-hidden": "true" }, ...parts.map((part) => part.node)), words);
  return {
    node,
    /** @param {Pick<AgentSums, "runs"|"success"|"failure"|"unknown">} of */
    update(of) {
      for (const { name, node: part } of parts) part.style.flexGrow = String(of[name]);
      const said = [of.success > 0 && `${countText(of.success)} succeeded`, of.failure > 0 && `${countText(of.failure)} failed`, of.unknown > 0 && `${countText(of.unknown)} not known`].filter(Boolean);
      setText(words, said.join(", ") || (of.runs > 0 ? "none ended" : "did not run"));
      const share = successShare(of);
      attr(node, "title", share === null ? "Nothing speaks for or against a run" : `${joined(ratio(share))} of those that are known succeeded`);
    },
  };
}

/** @param {AgentSums[]} agents */
const csvOf = (agents) => ({
  head: ["agent_type", "source", "runs", "running", "success", "failure", "unknown", "cost_usd", "unknown_cost_requests", "cost_per_run_usd", "input_tokens", "output_tokens", "duration_ms_p50", "duration_ms_p95", "tool_calls", "tool_failures", "models", "suggested", "suggested_and_used", "quality_score", "description"],
  rows: agents.map((agent) => [agent.agent_type, agent.source, agent.runs, agent.running, agent.success, agent.failure, agent.unknown, agent.cost_usd, agent.unknown_cost_requests, perRun(agent), agent.input_tokens, agent.output_tokens, agent.duration_ms_p50, agent.duration_ms_p95, agent.tool_calls, agent.tool_failures, agent.models.map(clean).join(" "), agent.suggested, agent.suggested_and_used, agent.quality_score, agent.description]),
});
