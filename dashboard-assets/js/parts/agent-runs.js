// @ts-check
/** The newest runs of subagents: what for, by which model, how it came out and what it cost; each leads to its session. */
import { attr, el, foreign, keyed, remake, setForeign, setText } from "../dom.js";
import { icon } from "../icons.js";
import { outcomeOf, percent } from "../routing.js";
import { countText, duration, grouped, usd, usdExact } from "../format.js";
import { href } from "../router.js";
import { setWhen, when } from "../ticker.js";
import { sessionPath } from "../url.js";
import { csvButton, panel } from "./panel.js";
import { status } from "./states.js";

/** @typedef {import("../types.js").SubagentRun} SubagentRun */

const FEW = 25;
const COLUMNS = [["Started", ""], ["What for", ""], ["Agent", ""], ["Suggested", ""], ["Model", ""], ["Calls", "num"], ["Took", "num"], ["Cost", "num"], ["Came out", ""]];

export function agentRuns() {
  /** @type {SubagentRun[]} */
  let last = [];
  let most = FEW;
  const top = panel("Runs, the newest first", csvButton("subagent-runs", () => csvOf(last)));
  const body = el("tbody");
  const more = el("div", { class: "pager" });
  top.node.append(el("table", { class: "table cards runs-table" }, el("caption", { class: "sr" }, "Runs of subagents, the newest first"), el("thead", null, el("tr", null, ...COLUMNS.map(([name = "", kind]) => el("th", { scope: "col", class: kind }, name)))), body), more);
  /** @param {SubagentRun[]} runs */
  function update(runs) {
    last = runs;
    top.node.hidden = runs.length === 0;
    keyed(body, runs.slice(0, most), (run) => run.agent_id, runRow);
    more.hidden = runs.length <= most;
    remake(more, [runs.length, most], () => [el("button", { class: "btn", type: "button", onclick: () => { most += FEW; update(last); } }, "Older runs"), `${countText(most)} of the newest ${grouped(runs.length)}`]);
  }
  return { node: top.node, update };
}

/** @param {SubagentRun} first */
function runRow(first) {
  const started = when(first.started_at);
  const what = foreign("");
  const link = el("a", { class: "name", "data-stop": true, href: href(sessionPath(first.session_id)) }, what);
  const agent = foreign(first.agent_type);
  const suggested = el("td", { class: "cell small", "data-name": "Suggested" });
  const model = foreign("");
  const calls = el("td", { class: "num", "data-name": "Calls" });
  const took = el("td", { class: "num", "data-name": "Took" });
  const cost = el("td", { class: "num strong", "data-name": "Cost" });
  const end = el("td", { class: "end" });
  const node = el("tr", { class: "row" }, el("td", { class: "small muted nowrap" }, started), el("td", { class: "wide cell" }, link), el("td", { class: "cell" }, agent), suggested, el("td", { class: "cell small muted" }, model), calls, took, cost, end);
  return {
    node,
    /** @param {SubagentRun} run */
    update(run) {
      setWhen(started, run.started_at);
      setForeign(what, run.description ?? "no description kept");
      attr(link, "title", "Open its session");
      const same = run.suggested_agent === run.agent_type;
      remake(suggested, [run.suggested_agent, run.suggested_agent_confidence], () => (run.suggested_agent === null ? [el("span", { class: "none-suggested muted" }, "–")] : [same ? el("span", { class: "muted same" }, icon("check"), "the same") : foreign(run.suggested_agent)]));
      attr(suggested, "title", run.suggested_agent_confidence === null ? null : `${run.suggested_agent ?? ""}, sure with ${percent(run.suggested_agent_confidence)}`);
      setForeign(model, run.model ?? "–");
      setText(calls, `${countText(run.tool_calls)}${run.tool_failures > 0 ? `, ${countText(run.tool_failures)} failed` : ""}`);
      remake(took, [run.started_at, run.ended_at], () => [run.ended_at === null ? when(run.started_at, "running") : duration(run.ended_at - run.started_at)]);
      setText(cost, run.cost_usd === null ? "unknown" : usd(run.cost_usd));
      attr(cost, "title", run.cost_usd === null ? "No request of it was seen, or no price is known" : `${usdExact(run.cost_usd)}${run.output_tokens === null ? "" : `; ${grouped(run.input_tokens ?? 0)} tokens read, ${grouped(run.output_tokens)} written`}`);
      const came = outcomeOf({ settled_at: run.ended_at, label: run.label });
      remake(end, came, () => [status(came.state, came.word)]);
      attr(took, "title", run.mode === "background" ? "In the background" : null);
    },
  };
}

/** @param {SubagentRun[]} runs */
const csvOf = (runs) => ({
  head: ["started_at", "ended_at", "agent_type", "description", "session_id", "task_id", "agent_id", "parent_agent_id", "mode", "model", "status", "label", "cost_usd", "input_tokens", "output_tokens", "tool_calls", "tool_failures", "suggested_agent", "suggested_agent_confidence"],
  rows: runs.map((run) => [new Date(run.started_at / 1000).toISOString(), run.ended_at === null ? null : new Date(run.ended_at / 1000).toISOString(), run.agent_type, run.description, run.session_id, run.task_id, run.agent_id, run.parent_agent_id, run.mode, run.model, run.status, run.label, run.cost_usd, run.input_tokens, run.output_tokens, run.tool_calls, run.tool_failures, run.suggested_agent, run.suggested_agent_confidence]),
});
