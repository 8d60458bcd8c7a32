-- What stands on the line of one event? ?1 seq.
SELECT e.seq, e.event_id, e.occurred_at, e.hook_event_name, e.session_id, coalesce(s.label, s.title) AS session_name, p.name AS project,
  e.tool_name, e.tool_use_id, e.agent_id, e.agent_type, e.prompt_id, e.duration_ms, e.failed, e.summary, e.flags, e.body_bytes
FROM events AS e
JOIN projects AS p ON p.project_id = e.project_id
LEFT JOIN orchestration_sessions AS s ON s.session_id = e.session_id
WHERE e.seq = ?1
