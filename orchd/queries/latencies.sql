-- How fast was one part of the tool in a range? ?1 metric, ?2 from (inclusive), ?3 to (exclusive), microseconds UTC. Bins of microseconds.
SELECT bucket_at, bin, samples
FROM performance_metrics
WHERE metric = ?1 AND bucket_at >= ?2 AND bucket_at < ?3
