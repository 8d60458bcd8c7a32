-- Call ?2 of session ?1, by its events: the index that keeps a tool event from being stored twice finds them at once.
SELECT call_id, tool_use_id, tool_name, agent_id, prompt_id, summary, started_at, ended_at, duration_ms, permission_asked_at, status,
  start_seq, end_seq
FROM tool_calls WHERE call_id IN (SELECT seq FROM events WHERE session_id = ?1 AND tool_use_id = ?2)
