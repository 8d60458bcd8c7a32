-- What was spent per quarter of an hour? ?1 from and ?2 before (microseconds UTC); ?3 project_id or null for all.
SELECT bucket_at, sum(requests), sum(cost_nano_usd), sum(unknown_cost_requests)
FROM cost_metrics
WHERE bucket_at >= ?1 AND bucket_at < ?2 AND (?3 IS NULL OR project_id = ?3)
GROUP BY bucket_at
ORDER BY bucket_at
