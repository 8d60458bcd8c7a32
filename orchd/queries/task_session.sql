-- When was session ?1 found at rest, other than by an event of its turns, and when lost? Microseconds UTC; null where it never was.
SELECT nullif(max(coalesce(stopped_at, 0), coalesce(opened_at, 0), coalesce(lost_at, 0), coalesce(ended_at, 0)), 0) AS rest_at, lost_at
FROM orchestration_sessions
WHERE session_id = ?1
