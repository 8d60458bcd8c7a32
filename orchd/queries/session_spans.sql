-- Which tool calls had a session? Newest first, with the ids of their events; ?1 session_id, ?2 limit.
SELECT c.tool_use_id, c.tool_name, c.agent_id, c.prompt_id, c.summary, c.started_at, c.ended_at, c.duration_ms,
  c.permission_asked_at, c.status, a.event_id AS start_event_id, b.event_id AS end_event_id
FROM tool_calls AS c
LEFT JOIN events AS a ON a.seq = c.start_seq
LEFT JOIN events AS b ON b.seq = c.end_seq
WHERE c.session_id = ?1
ORDER BY c.started_at DESC, c.tool_use_id DESC
LIMIT ?2
