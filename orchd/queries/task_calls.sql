-- Which tool calls had session ?1, by start, and how do failures of commands begin?
SELECT c.tool_use_id, c.tool_name, c.agent_id, c.started_at, c.ended_at, c.status, c.start_seq,
  iif(c.tool_name = 'Bash', c.summary, NULL) AS command, e.summary AS error
FROM tool_calls AS c LEFT JOIN events AS e ON e.seq = c.end_seq AND c.status = 'failed' AND c.tool_name = 'Bash'
WHERE c.call_id IN (SELECT seq FROM events INDEXED BY events_by_session WHERE session_id = ?1 AND tool_use_id IS NOT NULL)
ORDER BY c.started_at, c.call_id
