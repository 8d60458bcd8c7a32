-- In which quarters of an hour are there requests, the latest first? ?1 from and ?2 before (microseconds UTC); each null for all:
-- ?3 project_id, ?4 model, ?5 type of agent ('' for the main thread).
SELECT DISTINCT bucket_at
FROM cost_metrics
WHERE bucket_at >= ?1 AND bucket_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
  AND (?5 IS NULL OR agent_type = ?5) AND requests > 0
ORDER BY bucket_at DESC
