// @ts-check
/**
 * The JSON of the daemon as the page reads it; the originals are orchd/src/view/*.rs. Times (`*_at`, `at`) are microseconds, UTC.
 *
 * @typedef {"working"|"waiting"|"idle"|"ended"|"lost"} SessionState
 * @typedef {"open"|"ok"|"failed"|"denied"|"interrupted"|"lost"} SpanStatus
 *
 * @typedef {{session_id: string, label: string|null, pinned: boolean, title: string|null, project: string, project_dir: string,
 *   state: SessionState, state_since_at: number, waiting_for: string|null, model: string|null, permission_mode: string|null,
 *   entrypoint: string|null, parent_task: string|null, started_at: number, last_event_at: number, ended_at: number|null,
 *   end_reason: string|null, prompts: number, tool_calls: number, tool_failures: number, agents: number, compactions: number, events: number}} SessionRow
 * @typedef {{schema: number, items: SessionRow[], next_cursor: string|null, total: number}} SessionList
 * @typedef {{tool_name: string, summary: string|null, started_at: number, agent_id: string|null}} OpenCall
 * @typedef {{agent_id: string, agent_type: string, description: string|null, mode: string, status: string,
 *   parent_agent_id: string|null, tool_use_id: string|null, requested_model: string|null, resolved_model: string|null,
 *   started_at: number, ended_at: number|null, tool_calls: number, tool_failures: number}} AgentRun
 * @typedef {SessionRow & {open_calls: OpenCall[], agent_runs: AgentRun[]}} LiveSession
 * @typedef {{tool_use_id: string, tool_name: string, agent_id: string|null, prompt_id: string|null, summary: string|null,
 *   started_at: number, ended_at: number|null, duration_ms: number|null, permission_asked_at: number|null, status: SpanStatus,
 *   start_event_id: string|null, end_event_id: string|null}} Span
 * @typedef {{kind: string, at: number, text: string|null, prompt_id: string|null, event_id: string}} Mark
 * @typedef {{schema: number, now_at: number, session: SessionRow, agent_runs: AgentRun[], spans: Span[], marks: Mark[],
 *   spans_left_out: number}} SessionDetail
 *
 * @typedef {{seq: number, event_id: string, occurred_at: number, hook_event_name: string, session_id: string,
 *   session_name: string|null, project: string, tool_name: string|null, tool_use_id: string|null, agent_id: string|null,
 *   agent_type: string|null, prompt_id: string|null, duration_ms: number|null, failed: boolean, summary: string|null,
 *   flags: string[], body_bytes: number}} EventRow
 * @typedef {{schema: number, items: EventRow[], next_before: number|null, searched_to_at: number|null}} EventList
 * @typedef {{form: "json", value: unknown} | {form: "text", value: string}} EventBody
 * @typedef {{schema: number, event: EventRow, received_at: number, body: EventBody|null}} EventDetail
 *
 * @typedef {{at: number, events: number, prompts: number, tool_calls: number, tool_failures: number, agents: number,
 *   sessions: number}} ActivityBucket
 * @typedef {{tool_name: string, calls: number, failures: number, p50_ms: number|null, p95_ms: number|null}} ToolActivity
 * @typedef {{project: string, project_dir: string, events: number, prompts: number, tool_calls: number,
 *   tool_failures: number}} ProjectActivity
 * @typedef {{schema: number, from_at: number, to_at: number, bucket_s: number, buckets: ActivityBucket[], tools: ToolActivity[],
 *   projects: ProjectActivity[]}} Activity
 *
 * @typedef {{kind: string, text: string, action: string|null, since_at: number|null, href: string|null,
 *   session_id: string|null}} Attention
 * @typedef {{median: number, low: number, high: number, weeks: number}} Usual
 * @typedef {{key: string, label: string, value: number|null, unknown_cost_requests: number, unit: "count"|"ratio"|"ms"|"usd", usual: Usual|null, spark: number[],
 *   href: string}} Tile
 * @typedef {{schema: number, now_at: number, timezone: string, attention: Attention[], tiles: Tile[], activity: Activity,
 *   live_sessions: LiveSession[], live_total: number,
 *   capture: {paused: boolean, last_event_at: number|null, spool_pending: number, events: number}}} Overview
 *
 * @typedef {{state: "idle"|"running"|"done"|"failed", percent: number, bytes: number, bytes_done: number, files: number,
 *   files_done: number, requests: number, unread: number, skipped_lines: number, skipped_in: string[], error: string|null, started_at: number|null, ended_at: number|null,
 *   roots: string[], following: "off"|"watching"|"polling", reason: string|null}} ImportStatus
 * @typedef {{metric: string, meaning: string, samples: number, p50_us: number|null, p95_us: number|null, p99_us: number|null,
 *   p95_us_by_hour: (number|null)[]}} Latency
 * @typedef {{schema: number, now_at: number, pid: number, version: string, schema_version: number, sqlite_version: string,
 *   uptime_s: number, socket: string, http: string, paused: boolean, durability: string,
 *   counters: {received: number, stored: number, duplicate: number, rejected: number, dropped: number},
 *   spool: {pending: number, size_bytes: number},
 *   database: {path: string, size_bytes: number, wal_bytes: number, events: number, sessions: number, oldest_at: number|null,
 *     growth_bytes_per_day: number|null, disk_free_bytes: number|null},
 *   process: {rss_bytes: number|null, cpu_s: number|null, open_fds: number|null, streams: number, queue_depth: number},
 *   import: ImportStatus, latencies: Latency[]}} SystemView
 *
 * Costs are API-equivalent: what requests would cost at list prices. `null` is a cost that is not known, never 0.
 *
 * @typedef {{requests: number, input_tokens: number, output_tokens: number, cache_creation_input_tokens: number,
 *   cache_read_input_tokens: number, cost_usd: number|null, unknown_cost_requests: number}} CostSums
 * @typedef {CostSums & {key: string}} CostRow
 * @typedef {CostRow & {parts_usd: number[]}} CostBucket
 * @typedef {{schema: number, timezone: string, since: string|null, until: string|null, group: string, rows: CostRow[],
 *   other: CostSums|null, total: CostSums, bucket: string, over_time: CostBucket[]}} Costs
 * @typedef {{request_seq: number, requested_at: number, message_id: string|null, request_id: string|null, session_id: string,
 *   agent_id: string|null, agent_type: string|null, prompt_id: string|null, project_dir: string, model: string, input_tokens: number,
 *   output_tokens: number, cache_creation_input_tokens: number, cache_creation_1h_input_tokens: number,
 *   cache_read_input_tokens: number, web_searches: number, marks: string[], source: string, price: string|null,
 *   cost_usd: number|null}} RequestRow
 * @typedef {{schema: number, items: RequestRow[], next_cursor: string|null, total: CostSums|null}} RequestList
 * @typedef {{limit_usd: number, ratio: number, state: "ok"|"warning"|"exceeded"}} BudgetUse
 * @typedef {{period: string, since: string, until: string, sums: CostSums, budget: BudgetUse|null}} PeriodSpending
 * @typedef {{usd: number|null, low_usd: number|null, high_usd: number|null, unknown_cost_requests: number, days: number, needed_days: number, method: string}} Forecast
 * @typedef {{used_percentage: number, resets_at: number|null}} PlanWindow
 * @typedef {{five_hour: PlanWindow|null, seven_day: PlanWindow|null, seen_at: number|null}} PlanLimits
 * @typedef {{schema: number, now_at: number, timezone: string, first_day: string|null, periods: PeriodSpending[],
 *   forecast: Forecast, plan_limits: PlanLimits, import: ImportStatus}} Spending
 *
 * @typedef {"off"|"unknown"|"down"|"no_model"|"loadable"|"loading"|"ready"|"needs_token"|"busy"|"wrong_server"} LocalState
 * @typedef {{state: LocalState, model: string|null, available: boolean, message: string, advice: string|null, url: string|null,
 *   kind: string|null, context_tokens: number|null, quantization: string|null, expected_wait_s: number|null,
 *   since_at: number|null, checked_at: number|null}} LocalModelHealth
 * @typedef {{id: string, loaded: "yes"|"loading"|"no"|"unknown", context_tokens: number|null, max_context_tokens: number|null,
 *   quantization: string|null, size_bytes: number|null}} LocalModelItem
 * @typedef {{since_at: number, state: string, url: string, kind: string|null, model: string|null, context_tokens: number|null,
 *   quantization: string|null, reason: string|null}} LocalModelChange
 * @typedef {{schema: number, now_at: number, now: LocalModelHealth, models: LocalModelItem[], endpoints: LocalModelHealth[],
 *   history: LocalModelChange[], probes: Latency[]}} LocalModelView
 *
 * @typedef {{handoff_seq: number, task_id: string, parent_task: string|null, session_id: string|null, tool_use_id: string|null,
 *   project_dir: string|null, decided_at: number, ended_at: number, duration_ms: number, policy: string, reasons: string[],
 *   local_model_state: string|null, ran: "local"|"claude"|null, outcome: "completed"|"fell_back"|"failed"|"cancelled",
 *   reason: string|null, fallback_reason: string|null, endpoint: string|null, model: string|null, tries: number, local_ms: number,
 *   first_token_ms: number|null, tokens_per_second: number|null, input_tokens: number|null, output_tokens: number|null,
 *   reasoning_tokens: number|null, tokens_source: string|null, request_seq: number|null, cost_usd: number|null,
 *   cost_price: string|null, displaced_model: string|null, displaced_price: string|null, displaced_cost_usd: number|null,
 *   saving_usd: number|null, assumption: string|null, task_preview: string|null, answer_preview: string|null}} Delegation
 * @typedef {{tasks: number, local: number, claude: number, nobody: number, input_tokens: number, output_tokens: number,
 *   reasoning_tokens: number, cost_usd: number, saving_usd: number|null, unknown_saving_tasks: number, local_ms: number,
 *   overhead_ms: number}} DelegationSums
 * @typedef {{schema: number, items: Delegation[], next_cursor: string|null, total: DelegationSums|null}} DelegationList
 * @typedef {{usd: number|null, low_usd: number|null, high_usd: number|null, reason: string|null, text: string}} SavingFigure
 * @typedef {{model: string|null, by: string|null, price: string|null, tasks: number, displaced_cost_usd: number|null,
 *   saving_usd: number|null, own_cost_usd: number|null, is_partial: boolean, text: string}} SavingAssumption
 * @typedef {{schema: number, timezone: string, since: string|null, until: string|null, realised: SavingFigure,
 *   downshift: SavingFigure, could_have_saved: SavingFigure, seed_estimate: SavingFigure, assumptions: SavingAssumption[],
 *   own_costs: {price: string, led_to: string, tasks: number, cost_usd: number}[], total: DelegationSums,
 *   outcomes: {completed: number, fell_back: number, failed: number, cancelled: number}, displaced_tokens: number,
 *   tasks_ran: {local: number, claude: number}, optimization_rate: number|null, fallback_reasons: {outcome: string, reason: string|null, tasks: number}[]}} Savings
 * @typedef {{count: number, p10: number, p50: number, p90: number}} Percentiles
 * @typedef {{from_at: number, model: string, tasks: number, tokens_per_second: Percentiles|null,
 *   first_token_ms: Percentiles|null}} SpeedRow
 * @typedef {{schema: number, timezone: string, since: string|null, until: string|null, bucket: string, newest_tasks: number|null,
 *   models_left_out: number, models: SpeedRow[],
 *   over_time: SpeedRow[]}} LocalSpeed
 *
 * @typedef {{value: number, low: number, high: number}} Estimate a figure with its 95 % interval
 * @typedef {{task_id: string, kind: "prompt"|"agent"|"delegation", parent_task: string|null, session_id: string|null, prompt_id: string|null,
 *   agent_id: string|null, tool_use_id: string|null, project_dir: string|null, decided_at: number, policy: string,
 *   recommended_route: "local"|"claude"|null, confidence: number|null, as_good: number|null, is_calibrated: boolean|null,
 *   router_version: string|null, reasons: string[], change_size: string|null, task_type: string|null, task_type_confidence: number|null,
 *   suggested_agent: string|null, suggested_agent_confidence: number|null, used_agent: string|null, estimated_tokens: number|null,
 *   expected_saving_usd: number|null, expected_loss_usd: number|null, advised: boolean|null, downshifted_to: string|null,
 *   local_model_state: string|null, local_model: string|null, settled_at: number|null, ran: "local"|"claude"|null, model: string|null,
 *   requests: number|null, input_tokens: number|null, output_tokens: number|null, cache_read_input_tokens: number|null,
 *   cache_creation_input_tokens: number|null, cost_usd: number|null, unknown_cost_requests: number|null, saving_usd: number|null,
 *   displaced_model: string|null, outcome: string|null, reason: string|null, label: "success"|"failure"|"unknown"|null,
 *   evidence: string[], quality_score: number|null, quality_parts: Record<string, {value: number, weight: number}>|null,
 *   feedback: "good"|"bad"|null, judged_as_good: boolean|null, judged_by: string|null, ended_at: number|null,
 *   duration_ms: number|null, task_preview: string|null}} TaskRow
 * @typedef {{schema: number, rows: TaskRow[], next_cursor: string|null}} TaskList
 * @typedef {{threshold: number, local_tasks: number, local_share: number|null, judged: number, precision: Estimate|null, quality: Estimate|null,
 *   could_save_usd: number|null}} ThresholdRow
 * @typedef {{from: number, to: number, n: number, predicted: number|null, observed: number|null, low: number|null, high: number|null}} ReliabilityBin
 * @typedef {{schema: number, since: string|null, until: string|null, local_model: string|null, router_version: string, algorithm: string,
 *   policy: string, min_confidence: number, threshold: number, threshold_source: string, fit: {fit_id: number, model: string,
 *   slope: number, intercept: number, outcomes: number, fitted_at: number}|null, decisions: number, recommended_local: number,
 *   recommended_claude: number, ran_local: number, ran_claude: number, judged: number, message: string|null,
 *   histogram: {from: number, to: number, local: number, claude: number}[], reliability: ReliabilityBin[], precision: Estimate|null,
 *   coverage: Estimate|null, quality: Estimate|null, ece: number|null, thresholds: ThresholdRow[], disagreements: number, newest_decisions: number|null}} Routing
 *
 * @typedef {{agent_type: string, runs: number, running: number, success: number, failure: number, unknown: number, cost_usd: number|null,
 *   costed_runs: number, unknown_cost_requests: number, input_tokens: number, output_tokens: number, duration_ms_p50: number|null, duration_ms_p95: number|null,
 *   tool_calls: number, tool_failures: number, models: string[], suggested: number, suggested_and_used: number, quality_score: number|null,
 *   description: string|null, source: string|null}} AgentSums
 * @typedef {{agents: string[], parallel: boolean, nested: boolean, runs: number, success: number, cost_usd: number|null}} AgentChain
 * @typedef {{task_id: string|null, agent_id: string, session_id: string, parent_agent_id: string|null, agent_type: string,
 *   description: string|null, mode: string, model: string|null, started_at: number, ended_at: number|null, status: string,
 *   label: "success"|"failure"|"unknown"|null, cost_usd: number|null, input_tokens: number|null, output_tokens: number|null,
 *   tool_calls: number, tool_failures: number, suggested_agent: string|null, suggested_agent_confidence: number|null}} SubagentRun
 * @typedef {{schema: number, agents: AgentSums[], chains: AgentChain[], runs: SubagentRun[]}} Subagents
 *
 * @typedef {{seq: number, events: number, sessions: string[], all: boolean, ledger: boolean, local_model: boolean, delegations: boolean}} Changed
 * @typedef {{view: string, id: string|null, query: Record<string, string>}} Route
 * @typedef {"connecting"|"live"|"down"|"unauthorized"} Connection
 *
 * What a mounted view gives back to main.js; `period` is the usual one where `range` is in days.
 * @typedef {{title: string, search?: HTMLInputElement, range?: "any"|"day"|"days", period?: string, project?: boolean,
 *   update: (route: Route) => void, changed: (message: Changed|null) => void, escape?: () => boolean,
 *   key?: (key: string) => boolean, destroy: () => void}} View
 */
export {};
