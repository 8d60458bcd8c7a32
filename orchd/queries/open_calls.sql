-- Which calls of a session run now? Oldest first; ?1 session_id.
SELECT tool_name, summary, started_at, agent_id
FROM tool_calls INDEXED BY tool_calls_open
WHERE session_id = ?1 AND status = 'open'
ORDER BY started_at, call_id
LIMIT 20
