// @ts-check
/** The agent tree of a session: who started whom, in the foreground or not, and how it ended. */
import { el, foreign, remake } from "../dom.js";
import { agentTree } from "../derive.js";
import { duration, plural } from "../format.js";
import { when } from "../ticker.js";
import { icon, stateIcon } from "../icons.js";

/** @typedef {import("../types.js").AgentRun} AgentRun */

/**
 * @param {HTMLElement} list
 * @param {AgentRun[]} runs
 */
export function showAgents(list, runs) {
  list.hidden = runs.length === 0;
  remake(list, runs, () => agentTree(runs).map(({ run, depth }) => row(run, depth)));
}

/** @param {AgentRun} run @param {number} depth */
function row(run, depth) {
  const branch = el("span", { class: "branch", "aria-hidden": "true" }, ...Array.from({ length: Math.min(depth, 6) + 1 }, () => el("i")));
  const calls = run.tool_calls ? `${plural(run.tool_calls, "call")}${run.tool_failures ? `, ${run.tool_failures} failed` : ""} · ` : "";
  return el(
    "li",
    { "aria-level": depth + 1 },
    branch,
    el("span", { class: `mark-only is-${/^[a-z]+$/.test(run.status) ? run.status : "unknown"}`, title: run.status }, icon(stateIcon(run.status)), el("span", { class: run.status === "completed" || run.status === "running" ? "sr" : "" }, run.status)),
    foreign(run.agent_type, "kind"),
    foreign(run.description ?? "", "cut muted"),
    run.mode === "background" && el("span", { class: "chip" }, "background"),
    el("span", { class: "tail" }, calls && el("span", { class: "calls" }, calls), run.ended_at === null ? when(run.started_at, "running") : duration(run.ended_at - run.started_at)),
  );
}
