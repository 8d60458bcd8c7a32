-- Which subagents ran in a session? By start; ?1 session_id.
SELECT agent_id, agent_type, description, mode, status, parent_agent_id, tool_use_id, requested_model, resolved_model,
  started_at, ended_at, tool_calls, tool_failures
FROM subagent_invocations
WHERE session_id = ?1
ORDER BY started_at, agent_id
LIMIT 2000
