-- What is known of one event, and its payload? ?1 event_id.
SELECT e.seq, e.event_id, e.occurred_at, e.hook_event_name, e.session_id, coalesce(s.label, s.title) AS session_name, p.name AS project,
  e.tool_name, e.tool_use_id, e.agent_id, e.agent_type, e.prompt_id, e.duration_ms, e.failed, e.summary, e.flags, e.body_bytes,
  e.received_at, b.encoding, b.body
FROM events AS e
JOIN projects AS p ON p.project_id = e.project_id
LEFT JOIN orchestration_sessions AS s ON s.session_id = e.session_id
LEFT JOIN event_bodies AS b ON b.seq = e.seq
WHERE e.event_id = ?1
