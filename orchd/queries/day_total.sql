-- How many events has a day? ?1 day, YYYY-MM-DD in the configured zone; ?2 project_id, null for all.
SELECT coalesce(sum(events), 0) FROM activity_day WHERE day = ?1 AND (?2 IS NULL OR project_id = ?2)
