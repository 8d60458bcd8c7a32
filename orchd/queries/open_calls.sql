-- Which calls of a session run now? Oldest first; ?1 session_id.
SELECT tool_name, summary, started_at, agent_id
FROM tool_calls
WHERE session_id = ?1 AND status = 'open'
ORDER BY started_at, tool_use_id
LIMIT 20
