-- Sessions that should live but said nothing since ?1; at most 256.
SELECT session_id, last_event_at FROM orchestration_sessions
WHERE state IN ('working', 'waiting', 'idle') AND last_event_at < ?1 ORDER BY last_event_at LIMIT 256
