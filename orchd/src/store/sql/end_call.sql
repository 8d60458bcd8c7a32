-- Writes how call ?1 stands.
UPDATE tool_calls SET ended_at = ?2, duration_ms = ?3, permission_asked_at = ?4, status = ?5, start_seq = ?6, end_seq = ?7
WHERE call_id = ?1
