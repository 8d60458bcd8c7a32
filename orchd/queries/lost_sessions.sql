-- Which sessions were lost since ?1 (microseconds UTC)? Latest first; ?2 project_id, null for all; ?3 the earliest last event that is looked at, to the minute.
SELECT s.session_id, coalesce(s.label, s.title) AS name, p.name AS project, s.state_since_at
FROM orchestration_sessions AS s INDEXED BY sessions_by_last_event JOIN projects AS p USING (project_id)
WHERE s.active_minute >= ?3 / 60000000 AND s.state = 'lost' AND s.state_since_at >= ?1 AND (?2 IS NULL OR s.project_id = ?2)
ORDER BY s.state_since_at DESC
LIMIT 5
