// Answers of the router's endpoints, made by hand: what a page shows that a young database does not have yet.
const T = Date.now() * 1000;
const HOUR = 3_600_000_000;
const estimate = (value, by) => ({ value, low: Math.max(0, value - by), high: Math.min(1, value + by) });
const TEXTS = ["Rename `price` to `net_price` everywhere in the cart.", "Explain how the ledger keeps its balance.", "A refund is booked twice when the webhook comes again. Make it idempotent.", "Write a docstring for each function of this file. <b>&", null, "Find where totals are rounded and who calls it."];

/** The nth task; every third was recommended for the local model, and half of those ran elsewhere. */
export function task(n, more = {}) {
  const local = n % 3 === 0;
  const as_good = local ? 0.8 + (n % 5) / 50 : 0.25 + (n % 10) / 20;
  const kind = n % 7 === 3 ? "delegation" : n % 2 ? "agent" : "prompt";
  const ran = kind === "delegation" || (local && n % 6 === 0) ? "local" : "claude";
  return {
    task_id: kind === "prompt" ? `prompt:0000${n}` : kind === "agent" ? `agent:toolu_${n}` : `delegation:${n}`, kind, parent_task: kind === "agent" ? `prompt:0000${n - 1}` : null, session_id: `session-${n % 4}`, prompt_id: `p${n}`, agent_id: null,
    tool_use_id: kind === "agent" ? `toolu_${n}` : null, project_dir: n % 2 ? "/home/dev/webshop" : "/home/dev/payments-api", decided_at: T - n * HOUR * 2, policy: n % 5 ? "observe" : "advise",
    recommended_route: kind === "delegation" ? null : local ? "local" : "claude", confidence: kind === "delegation" ? null : local ? as_good : 1 - as_good, as_good, is_calibrated: true, router_version: "1a2b3c4d+3",
    reasons: local ? ["as good as Claude's in 84 % of such tasks"] : [n % 4 ? "as good as Claude's in 46 % of such tasks; the quality floor asks for 80 %" : "the local model is down", "short and concrete"],
    change_size: ["small", "medium", "large"][n % 3], task_type: ["fix", "feat", "docs"][n % 3], task_type_confidence: 0.71, suggested_agent: "code-reviewer", suggested_agent_confidence: 0.52, used_agent: kind === "agent" ? "Explore" : null,
    estimated_tokens: 3400, expected_saving_usd: 0.0214, expected_loss_usd: 0.0032, advised: n % 5 === 0, downshifted_to: null, local_model_state: n % 4 ? "ready" : "down", local_model: "deepseek-r1-0528-qwen3-8b",
    settled_at: n === 0 ? null : T - n * HOUR * 2 + 60e6, ran: n === 0 ? null : ran, model: ran === "local" ? "deepseek-r1-0528-qwen3-8b" : "claude-opus-5-5", requests: n === 0 ? null : 4, input_tokens: 120, output_tokens: 900, cache_read_input_tokens: 41_000, cache_creation_input_tokens: 5200,
    cost_usd: n === 0 || n % 9 === 4 ? null : ran === "local" ? 0.0003 : 0.1834 + n / 100, unknown_cost_requests: n % 9 === 4 ? 4 : 0, saving_usd: ran === "local" ? 0.041 : null, displaced_model: ran === "local" ? "claude-opus-5-5" : null,
    outcome: n === 0 ? null : "completed", reason: null, label: n === 0 ? null : ["success", "success", "unknown", "failure"][n % 4], evidence: n % 4 === 3 ? ["test_command_failed", "next_prompt_corrects"] : ["tests_passed"], quality_score: n % 4 === 2 ? null : 0.8,
    quality_parts: n % 4 === 2 ? {} : { tools: { value: 0.9, weight: 0.3 }, tests: { value: 1, weight: 0.5 } }, feedback: null, judged_as_good: ran === "local" ? true : null, judged_by: ran === "local" ? "outcome" : null,
    ended_at: n === 0 ? null : T - n * HOUR * 2 + 60e6, duration_ms: n === 0 ? null : 60_000 + n * 800, task_preview: TEXTS[n % TEXTS.length], ...more,
  };
}

export const tasks = Array.from({ length: 40 }, (_, n) => task(n));

/** Figures of a log with many outcomes. */
export const full = {
  schema: 1, since: null, until: null, local_model: "deepseek-r1-0528-qwen3-8b", router_version: "1a2b3c4d+3", algorithm: "learned", policy: "observe", min_confidence: 0.6, threshold: 0.8, threshold_source: "own log",
  fit: { fit_id: 3, model: "deepseek-r1-0528-qwen3-8b", slope: 0.9, intercept: -0.2, outcomes: 212, fitted_at: T - 20 * HOUR, guard: {} }, decisions: 1284, recommended_local: 214, recommended_claude: 1070, ran_local: 96, ran_claude: 1180, judged: 240, message: null,
  histogram: [[0, 40], [0, 130], [0, 210], [0, 260], [0, 190], [0, 110], [0, 70], [0, 34], [120, 22], [94, 4]].map(([local, claude], n) => ({ from: n / 10, to: (n + 1) / 10, local, claude })),
  reliability: [[8, 0.16, 0.25], [14, 0.25, 0.21], [26, 0.35, 0.42], [30, 0.46, 0.43], [24, 0.55, 0.63], [28, 0.65, 0.61], [22, 0.75, 0.82], [60, 0.85, 0.87], [28, 0.94, 0.96]].map(([n, predicted, observed], at) => ({ from: (at + 1) / 10, to: (at + 2) / 10, n, predicted, observed, low: Math.max(0, observed - 0.9 / Math.sqrt(n)), high: Math.min(1, observed + 0.9 / Math.sqrt(n)) })).concat([{ from: 0, to: 0.1, n: 0, predicted: null, observed: null, low: null, high: null }]),
  precision: estimate(0.9, 0.06), coverage: estimate(0.167, 0.02), quality: estimate(0.985, 0.009), ece: 0.034,
  thresholds: Array.from({ length: 21 }, (_, n) => ({ threshold: n / 20, local_tasks: Math.round(1284 * (1 - n / 20) ** 1.4), local_share: (1 - n / 20) ** 1.4, judged: Math.round(240 * (1 - n / 20)), precision: n === 20 ? null : estimate(0.5 + n / 42, 0.04 + n / 200), quality: estimate(0.62 + n / 55, 0.02), could_save_usd: 31.4 * (1 - n / 20) ** 1.4 })),
  disagreements: 14, newest_decisions: null,
};

/** Figures of the first days. */
export const few = { ...full, fit: null, router_version: "1a2b3c4d", decisions: 61, recommended_local: 9, recommended_claude: 52, ran_local: 2, ran_claude: 55, judged: 7, message: "too few outcomes yet: 7 of 50", precision: null, coverage: estimate(0.148, 0.09), quality: null, ece: null, threshold_source: "usual", histogram: full.histogram.map((bin) => ({ ...bin, local: Math.round(bin.local / 22), claude: Math.round(bin.claude / 20) })), reliability: full.reliability.map((bin) => ({ ...bin, n: 0, predicted: null, observed: null, low: null, high: null })), thresholds: full.thresholds.map((row) => ({ ...row, judged: 0, precision: null, quality: null, could_save_usd: null })), disagreements: 0 };

const agent = (agent_type, runs, success, failure, cost_usd, more = {}) => ({ agent_type, runs, costed_runs: runs, running: 0, success, failure, unknown: runs - success - failure, cost_usd, unknown_cost_requests: 0, input_tokens: runs * 400, output_tokens: runs * 2100, duration_ms_p50: 21_000 + runs * 90, duration_ms_p95: 190_000 + runs * 500, tool_calls: runs * 6, tool_failures: Math.round(runs / 4), models: ["claude-haiku-5-5"], suggested: 0, suggested_and_used: 0, quality_score: 0.82, description: null, source: "built-in", ...more });
export const subagents = {
  schema: 1,
  agents: [agent("Explore", 214, 160, 12, 6.32, { description: "Fast agent for exploring codebases", running: 1 }), agent("general-purpose", 131, 71, 20, 9.81, { description: "General-purpose agent for multi-step tasks", tool_failures: 210 }), agent("performance-testing-expert", 9, 4, 0, 0.0412, { source: "seed", suggested: 31, suggested_and_used: 9, description: "Load tests and profiles" }), agent("my-<b>release</b>-notes-writer-with-a-long-name", 3, 0, 0, null, { source: "user", description: "Writes the release notes in our tone" }), agent("Plan", 0, 0, 0, null, { duration_ms_p50: null, duration_ms_p95: null })],
  chains: [{ agents: ["Explore", "general-purpose"], parallel: false, nested: false, runs: 61, success: 44, cost_usd: 4.12 }, { agents: ["Explore", "Explore", "Explore"], parallel: true, nested: false, runs: 22, success: 20, cost_usd: 0.91 }, { agents: ["general-purpose", "performance-testing-expert"], parallel: false, nested: true, runs: 4, success: 1, cost_usd: null }],
  runs: Array.from({ length: 30 }, (_, n) => ({ task_id: `agent:toolu_${n}`, agent_id: `a${n}`, session_id: `session-${n % 4}`, parent_agent_id: null, agent_type: n % 3 ? "Explore" : "general-purpose", description: n === 5 ? null : "Find where totals are rounded", mode: n % 4 ? "foreground" : "background", model: "claude-haiku-5-5", started_at: T - n * HOUR, ended_at: n === 0 ? null : T - n * HOUR + 34e6, status: n === 0 ? "running" : "completed", label: n === 0 ? null : ["success", "unknown", "failure"][n % 3], cost_usd: n % 8 === 5 ? null : 0.031, input_tokens: 900, output_tokens: 410, tool_calls: 6, tool_failures: n % 5 === 0 ? 2 : 0, suggested_agent: n % 3 ? "Explore" : "performance-testing-expert", suggested_agent_confidence: 0.66 })),
};

/** Answers a page's questions with these instead of the daemon's; returns what feedback it gave. */
export async function standIn(page, { routing = full, agents = subagents, list = tasks } = {}) {
  const given = [];
  const rows = new Map(list.map((row) => [row.task_id, row]));
  const json = (route, body, status = 200) => route.fulfill({ status, contentType: status < 400 ? "application/json" : "application/problem+json", body: JSON.stringify(body) });
  await page.route("**/api/v1/routing?*", (route) => json(route, routing));
  await page.route("**/api/v1/subagents?*", (route) => json(route, agents));
  await page.route("**/api/v1/feedback", (route) => {
    const word = route.request().postDataJSON();
    given.push(word);
    const row = rows.get(word.task);
    if (!row) return json(route, { title: "There is no such task", hint: "orchd report tasks" }, 404);
    const as_good = word.about === "route" ? (row.recommended_route === "local") === (word.verdict === "good") : row.ran === "local" ? word.verdict === "good" : row.judged_as_good;
    rows.set(word.task, { ...row, judged_as_good: as_good, judged_by: as_good === null ? null : "user", ...(word.about === "result" && { feedback: word.verdict, label: word.verdict === "good" ? "success" : "failure" }) });
    return json(route, { schema: 1, ...rows.get(word.task) });
  });
  await page.route("**/api/v1/tasks?*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [from, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit") ?? 50)];
    const wanted = [...rows.values()].filter((row) => (!query.get("disagree") || (row.recommended_route && row.ran && row.recommended_route !== row.ran)) && (!query.get("route") || row.recommended_route === query.get("route")) && (!query.get("kind") || row.kind === query.get("kind")) && (!query.get("label") || row.label === query.get("label")));
    return json(route, { schema: 1, rows: wanted.slice(from, from + limit), next_cursor: wanted.length > from + limit ? String(from + limit) : null });
  });
  return given;
}
