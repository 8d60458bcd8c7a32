-- How a task ended.
INSERT INTO task_outcomes (task_id, outcome, reason, ended_at, duration_ms) VALUES (?1, ?2, ?3, ?4, ?5)
