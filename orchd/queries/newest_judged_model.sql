-- The local model of the newest decision that was judged; else of the newest decision that names one.
SELECT model FROM (
  SELECT iif(h.kind = 'delegation', coalesce(h.model, h.local_model), h.local_model) AS model, 1 AS judged, o.judged_at AS at
  FROM task_outcomes AS o JOIN handoff_events AS h USING (task_id)
  WHERE o.as_good IS NOT NULL
  UNION ALL
  SELECT * FROM (
    SELECT local_model, 0, decided_at FROM handoff_events WHERE local_model IS NOT NULL ORDER BY handoff_seq DESC LIMIT 1)
)
WHERE model IS NOT NULL
ORDER BY judged DESC, at DESC
LIMIT 1
