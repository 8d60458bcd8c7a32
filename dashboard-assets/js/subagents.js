// @ts-check
/** From runs of subagents to what the page shows of them. Pure. */

/** @typedef {import("./types.js").AgentSums} AgentSums */
/** @typedef {import("./types.js").AgentChain} AgentChain */

/** What one run cost on average, of those with a known cost; null where none is. @param {Pick<AgentSums, "cost_usd"|"costed_runs">} agent */
export const perRun = ({ cost_usd, costed_runs }) => (cost_usd === null || costed_runs === 0 ? null : cost_usd / costed_runs);

/** Share of runs that succeeded, of those that are known to have come out one way; null where none is. @param {Pick<AgentSums, "success"|"failure">} agent */
export const successShare = ({ success, failure }) => (success + failure > 0 ? success / (success + failure) : null);

/** @param {Pick<AgentSums, "tool_calls"|"tool_failures">} agent */
const failureShare = ({ tool_calls, tool_failures }) => (tool_calls > 0 ? tool_failures / tool_calls : null);

const SORTS = /** @type {Record<string, (agent: AgentSums) => string|number|null>} */ ({
  name: (agent) => agent.agent_type,
  runs: (agent) => agent.runs,
  success: successShare,
  cost_usd: (agent) => agent.cost_usd,
  per_run: perRun,
  p50: (agent) => agent.duration_ms_p50,
  p95: (agent) => agent.duration_ms_p95,
  tool_failures: failureShare,
  suggested: (agent) => agent.suggested,
});

/**
 * Agents in another order; those without a value come last either way.
 * @param {AgentSums[]} agents
 * @param {string} [sort]
 * @param {string} [order]
 */
export function sortedAgents(agents, sort = "cost_usd", order = "desc") {
  const by = (Object.hasOwn(SORTS, sort) ? SORTS[sort] : undefined) ?? SORTS.cost_usd;
  const sign = order === "asc" ? 1 : -1;
  return [...agents].sort((a, b) => {
    const [x, y] = [by?.(a) ?? null, by?.(b) ?? null];
    if (x === y) return 0;
    if (x === null) return 1;
    return y === null ? -1 : x < y ? -sign : sign;
  });
}

/** Whether an agent ran, or would have been the one for a task, in these days. @param {Pick<AgentSums, "runs"|"suggested">} agent */
export const isUsed = ({ runs, suggested }) => runs > 0 || suggested > 0;

/** All agents together. @param {AgentSums[]} agents */
export function totals(agents) {
  const sum = { runs: 0, running: 0, success: 0, failure: 0, unknown: 0, cost_usd: /** @type {number|null} */ (null), unknown_cost_requests: 0 };
  for (const agent of agents) {
    for (const key of /** @type {const} */ (["runs", "running", "success", "failure", "unknown", "unknown_cost_requests"])) sum[key] += agent[key];
    if (agent.cost_usd !== null) sum.cost_usd = (sum.cost_usd ?? 0) + agent.cost_usd;
  }
  return sum;
}

/** The agent that cost most, with its share of what is known; null without a cost. @param {AgentSums[]} agents */
export function dearest(agents) {
  const [first] = sortedAgents(agents);
  const all = totals(agents).cost_usd;
  return first && first.cost_usd !== null && all !== null && all > 0 ? { agent_type: first.agent_type, cost_usd: first.cost_usd, share: first.cost_usd / all } : null;
}

/** A key of a chain. @param {AgentChain} chain */
export const chainKey = (chain) => `${linkOf(chain)} ${chain.agents.join("\u0000")}`;

/** How the agents of a chain hang together: one calls the next, one comes after the other, or they run at once. @param {Pick<AgentChain, "nested"|"parallel">} chain */
export const linkOf = ({ nested, parallel }) => (nested ? "calls" : parallel ? "and" : "then");

/** How a chain is read aloud. @param {AgentChain} chain */
export const chainWords = (chain) => `${chain.agents.join(` ${linkOf(chain)} `)}${chain.parallel ? " at the same time" : ""}`;

/** Where an agent's definition comes from, in a word. @param {string|null} source */
export const sourceWord = (source) => ({ "built-in": "built in", user: "yours", project: "of a project", seed: "of the first design" })[source ?? ""] ?? source ?? "";
