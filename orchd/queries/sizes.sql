-- How much is stored? Sessions, schema version and events of the days from ?1 on (YYYY-MM-DD in the configured zone).
SELECT
  (SELECT count(*) FROM orchestration_sessions),
  (SELECT coalesce(sum(events), 0) FROM activity_day WHERE day >= ?1)
