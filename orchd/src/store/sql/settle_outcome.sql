-- How task ?1 came out: ?2 outcome, ?3 reason, ?4 ended_at (microseconds UTC), ?5 duration_ms, ?6 label, ?7 evidence, ?8 quality_score,
-- ?9 quality_parts, ?10 as_good, ?11 judged_by. It rests on the user's word ?12; where another stands by now nothing is written. The user's
-- own word on as_good stays.
INSERT INTO task_outcomes (task_id, outcome, reason, ended_at, duration_ms, label, evidence, quality_score, quality_parts, as_good, judged_by,
  judged_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, iif(?10 IS NULL, NULL, ?4)
WHERE EXISTS (SELECT 1 FROM handoff_events WHERE task_id = ?1)
ON CONFLICT (task_id) DO UPDATE SET outcome = ?2, reason = ?3, ended_at = ?4, duration_ms = ?5, label = ?6, evidence = ?7, quality_score = ?8,
  quality_parts = ?9, as_good = iif(judged_by IS 'user', as_good, ?10), judged_at = iif(judged_by IS 'user', judged_at, iif(?10 IS NULL, NULL, ?4)),
  judged_by = iif(judged_by IS 'user', judged_by, ?11)
WHERE task_outcomes.feedback IS ?12
