-- What the user said of task ?1: ?10 good or bad of how it came out, null where it was about the route; at ?11 (microseconds UTC); ?12 1 or 0
-- where it says of the local model that it is as good or is not. How it came out by that: ?2 outcome, ?3 reason, ?4 ended_at,
-- ?5 duration_ms, ?6 label, ?7 evidence, ?8 quality_score, ?9 quality_parts.
INSERT INTO task_outcomes (task_id, outcome, reason, ended_at, duration_ms, label, evidence, quality_score, quality_parts, feedback, feedback_at,
  as_good, judged_by, judged_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, iif(?10 IS NULL, NULL, ?11), ?12, iif(?12 IS NULL, NULL, 'user'), iif(?12 IS NULL, NULL, ?11)
WHERE EXISTS (SELECT 1 FROM handoff_events WHERE task_id = ?1)
ON CONFLICT (task_id) DO UPDATE SET label = iif(?10 IS NULL, label, ?6), evidence = iif(?10 IS NULL, evidence, ?7),
  quality_score = iif(?10 IS NULL, quality_score, ?8), quality_parts = iif(?10 IS NULL, quality_parts, ?9),
  feedback = coalesce(?10, feedback), feedback_at = iif(?10 IS NULL, feedback_at, ?11), as_good = coalesce(?12, as_good),
  judged_by = iif(?12 IS NULL, judged_by, 'user'), judged_at = iif(?12 IS NULL, judged_at, ?11)
