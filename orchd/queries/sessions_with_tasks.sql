-- Which sessions have tasks?
SELECT DISTINCT session_id FROM handoff_events WHERE session_id IS NOT NULL
