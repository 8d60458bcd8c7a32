-- How fast was the local model, task by task, the newest first? ?1 from and ?2 before (microseconds UTC), ?3 project_id, null for all;
-- ?4 rows.
SELECT decided_at, coalesce(model, ''), tokens_per_second, first_token_ms
FROM handoff_events
WHERE kind = 'delegation' AND decided_at >= ?1 AND decided_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND ran = 'local'
ORDER BY decided_at DESC
LIMIT ?4
