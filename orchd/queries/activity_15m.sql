-- What happened in each quarter of an hour of a range? ?1 from (inclusive), ?2 to (exclusive), microseconds UTC; ?3 project_id, null for all.
-- Rows are folded by the caller: grouping here would pay for a sorter.
SELECT bucket_at, project_id, hook_event_name, tool_name, events, failures
FROM activity_15m
WHERE bucket_at >= ?1 AND bucket_at < ?2 AND (?3 IS NULL OR project_id = ?3)
