-- Which model of Claude had most requests of the main thread from ?1 to ?2 (microseconds UTC)? The first by name among equals.
SELECT model FROM cost_metrics
WHERE bucket_at >= ?1 AND bucket_at <= ?2 AND agent_type = '' AND model LIKE '%claude%'
GROUP BY model
ORDER BY sum(requests) DESC, model
LIMIT 1
