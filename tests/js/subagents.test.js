// From runs of subagents to what the page says of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chainKey, chainWords, dearest, isUsed, perRun, sortedAgents, sourceWord, successShare, totals } from "../../dashboard-assets/js/subagents.js";

const agent = (agent_type, more = {}) => ({ agent_type, runs: 4, costed_runs: 4, running: 0, success: 2, failure: 1, unknown: 1, cost_usd: 1, unknown_cost_requests: 0, tool_calls: 10, tool_failures: 1, duration_ms_p50: 5, duration_ms_p95: 9, suggested: 0, ...more });
const names = (agents) => agents.map((one) => one.agent_type).join("");

test("agents are sorted by what a heading says, those without a value last", () => {
  const all = [agent("a"), agent("b", { cost_usd: 9, runs: 90, costed_runs: 90 }), agent("c", { cost_usd: null, success: 0, failure: 0, tool_calls: 0 })];
  assert.equal(names(sortedAgents(all)), "bac");
  assert.equal(names(sortedAgents(all, "cost_usd", "asc")), "abc");
  assert.equal(names(sortedAgents(all, "per_run")), "abc");
  assert.equal(names(sortedAgents(all, "name", "asc")), "abc");
  assert.equal(names(sortedAgents(all, "tool_failures", "asc")).at(-1), "c");
  assert.equal(names(sortedAgents(all, "constructor")), "bac");
});

test("what is not known is never 0", () => {
  assert.equal(perRun(agent("a", { cost_usd: null })), null);
  assert.equal(perRun(agent("a", { costed_runs: 0, cost_usd: 0 })), null);
  assert.equal(perRun(agent("a", { runs: 4, costed_runs: 2, cost_usd: 1 })), 0.5);
  assert.equal(successShare(agent("a", { success: 0, failure: 0 })), null);
  assert.equal(totals([agent("a", { cost_usd: null })]).cost_usd, null);
  assert.deepEqual([totals([agent("a"), agent("b", { cost_usd: null, unknown_cost_requests: 3 })])].map(({ runs, cost_usd, unknown_cost_requests }) => [runs, cost_usd, unknown_cost_requests]), [[8, 1, 3]]);
  assert.equal(dearest([agent("a", { cost_usd: null })]), null);
  assert.equal(dearest([]), null);
  assert.deepEqual(dearest([agent("a"), agent("b", { cost_usd: 3 })]), { agent_type: "b", cost_usd: 3, share: 0.75 });
});

test("an agent that neither ran nor was suggested is not used", () => {
  assert.deepEqual([isUsed({ runs: 0, suggested: 0 }), isUsed({ runs: 1, suggested: 0 }), isUsed({ runs: 0, suggested: 1 })], [false, true, true]);
});

test("a chain is named by its agents and how they ran", () => {
  const one = { agents: ["Explore", "Plan"], parallel: false, nested: false };
  assert.deepEqual([one, { ...one, nested: true }, { ...one, parallel: true }].map(chainWords), ["Explore then Plan", "Explore calls Plan", "Explore and Plan at the same time"]);
  assert.equal(new Set([one, { ...one, nested: true }, { ...one, parallel: true }].map(chainKey)).size, 3);
  assert.deepEqual([sourceWord("built-in"), sourceWord("later"), sourceWord(null)], ["built in", "later", ""]);
});
