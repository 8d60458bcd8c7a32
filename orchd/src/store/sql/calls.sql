-- The calls of session ?1 that may still change, then the newest others; at most ?2.
SELECT call_id, tool_use_id, tool_name, agent_id, prompt_id, summary, started_at, ended_at, duration_ms, permission_asked_at, status,
  start_seq, end_seq
FROM tool_calls
WHERE call_id IN (SELECT seq FROM events INDEXED BY events_by_session WHERE session_id = ?1 AND tool_use_id IS NOT NULL)
ORDER BY (start_seq IS NULL OR end_seq IS NULL) DESC, started_at DESC LIMIT ?2
