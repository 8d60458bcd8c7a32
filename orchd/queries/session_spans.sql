-- Which tool calls had a session? Newest first, with the ids of their events; ?1 session_id, ?2 limit. A call is found by the first
-- of its events, whose seq is its call_id.
SELECT c.tool_use_id, c.tool_name, c.agent_id, c.prompt_id, c.summary, c.started_at, c.ended_at, c.duration_ms,
  c.permission_asked_at, c.status, a.event_id AS start_event_id, b.event_id AS end_event_id
FROM (
  SELECT * FROM tool_calls
  WHERE call_id IN (
    SELECT seq FROM events INDEXED BY events_by_session
    WHERE session_id = ?1 AND tool_use_id IS NOT NULL)
  ORDER BY started_at DESC, tool_use_id DESC
  LIMIT ?2) AS c
LEFT JOIN events AS a ON a.seq = c.start_seq
LEFT JOIN events AS b ON b.seq = c.end_seq
ORDER BY c.started_at DESC, c.tool_use_id DESC
