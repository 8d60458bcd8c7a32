-- Adds ?5 events and ?6 failures to the day ?1 (YYYY-MM-DD).
INSERT INTO activity_day (day, project_id, hook_event_name, tool_name, events, failures)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET events = events + excluded.events, failures = failures + excluded.failures
