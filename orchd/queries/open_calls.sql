-- Which calls run now? Oldest first of the newest ?1.
SELECT session_id, tool_name, summary, started_at, agent_id
FROM (
  SELECT call_id, session_id, tool_name, summary, started_at, agent_id
  FROM tool_calls INDEXED BY tool_calls_open
  WHERE status = 'open'
  ORDER BY call_id DESC
  LIMIT ?1)
ORDER BY started_at, call_id
