-- Which subagents ran in session ?1, by start?
SELECT agent_id, tool_use_id, tool_use_certain, parent_agent_id, resolved_model, started_at, ended_at, status
FROM subagent_invocations
WHERE session_id = ?1
ORDER BY started_at, agent_id
