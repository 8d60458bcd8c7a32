-- Whether there is a task of the id ?1.
SELECT 1 FROM handoff_events WHERE task_id = ?1
