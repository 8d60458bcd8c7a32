-- How many sessions are working, waiting or idle? ?1 project_id, null for all.
SELECT count(*) FROM orchestration_sessions
WHERE state IN ('working', 'waiting', 'idle') AND (?1 IS NULL OR project_id = ?1)
