-- Of which session is task ?1?
SELECT session_id FROM handoff_events WHERE task_id = ?1
