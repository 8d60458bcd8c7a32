-- What happened on each day of a range? ?1 first day, ?2 last day (inclusive), YYYY-MM-DD in the configured zone; ?3 project_id, null for all.
SELECT day, project_id, hook_event_name, tool_name, events, failures
FROM activity_day
WHERE day >= ?1 AND day <= ?2 AND (?3 IS NULL OR project_id = ?3)
