-- How long did tools take in a range? ?1 from (inclusive), ?2 to (exclusive), microseconds UTC; ?3 project_id, null for all. Bins of milliseconds.
SELECT tool_name, bin, calls
FROM tool_duration_15m
WHERE bucket_at >= ?1 AND bucket_at < ?2 AND (?3 IS NULL OR project_id = ?3)
