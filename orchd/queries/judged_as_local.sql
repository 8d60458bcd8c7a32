-- Of the tasks that the router would have kept here and somebody judged: how many are there, and of how many is the local model as good?
SELECT count(*) AS judged, coalesce(sum(o.as_good), 0) AS as_good
FROM task_outcomes AS o INDEXED BY task_outcomes_judged JOIN handoff_events AS h USING (task_id)
WHERE o.as_good IS NOT NULL AND h.recommended_route = 'local'
