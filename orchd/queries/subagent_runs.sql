-- Which subagents ran, the newest first, and what became of each? ?1 from and ?2 before (start, microseconds UTC), ?3 project_id, null for
-- all; ?4 rows.
SELECT a.session_id, a.agent_id, a.agent_type, a.parent_agent_id, a.prompt_id, a.description, a.mode, a.resolved_model, a.started_at, a.ended_at,
  a.status, a.tool_calls, a.tool_failures, h.task_id, h.parent_task, h.model, h.cost_nano_usd, h.unknown_cost_requests, h.input_tokens,
  h.output_tokens, h.suggested_agent, h.suggested_agent_confidence, o.label, o.quality_score
FROM subagent_invocations AS a INDEXED BY agents_by_start JOIN orchestration_sessions AS s ON s.session_id = a.session_id
  LEFT JOIN handoff_events AS h ON h.task_id = 'agent:' || a.tool_use_id LEFT JOIN task_outcomes AS o ON o.task_id = h.task_id
WHERE a.started_at >= ?1 AND a.started_at < ?2 AND (?3 IS NULL OR s.project_id = ?3)
ORDER BY a.started_at DESC, a.agent_id
LIMIT ?4
