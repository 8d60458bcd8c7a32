-- How a delegation ended. That the local model answered says nothing yet of how good the answer was.
INSERT INTO task_outcomes (task_id, outcome, reason, ended_at, duration_ms, label, evidence, quality_parts)
VALUES (?1, ?2, ?3, ?4, ?5, iif(?2 IN ('failed', 'fell_back'), 'failure', 'unknown'), '[]', '{}')
