-- Which subagents of a session run now or ended since the last prompt? By start; ?1 session_id, ?2 time of that prompt.
SELECT agent_id, agent_type, description, mode, status, parent_agent_id, tool_use_id, requested_model, resolved_model,
  started_at, ended_at, tool_calls, tool_failures
FROM subagent_invocations
WHERE session_id = ?1 AND (status = 'running' OR ended_at >= ?2)
ORDER BY started_at DESC, agent_id
LIMIT 50
