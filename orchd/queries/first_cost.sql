-- Since when are there requests? At most one row: start of their first quarter of an hour, microseconds UTC. ?1 project_id or null.
SELECT bucket_at FROM cost_metrics WHERE ?1 IS NULL OR project_id = ?1 ORDER BY bucket_at LIMIT 1
