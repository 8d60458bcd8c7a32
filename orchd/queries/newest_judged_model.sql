-- The local model of the newest decision that was judged; else of the newest decision, among the last 20,000 tasks, that names one.
SELECT model FROM (
  SELECT * FROM (
    SELECT iif(h.kind = 'delegation', coalesce(h.local_model, h.model), h.local_model) AS model, 1 AS judged
    FROM task_outcomes AS o JOIN handoff_events AS h USING (task_id)
    WHERE o.as_good IS NOT NULL AND iif(h.kind = 'delegation', coalesce(h.local_model, h.model), h.local_model) IS NOT NULL
    ORDER BY o.judged_at DESC
    LIMIT 1)
  UNION ALL
  SELECT * FROM (
    SELECT local_model, 0 FROM handoff_events
    WHERE local_model IS NOT NULL AND handoff_seq > (SELECT max(handoff_seq) FROM handoff_events) - 20000 ORDER BY handoff_seq DESC LIMIT 1)
)
ORDER BY judged DESC
LIMIT 1
