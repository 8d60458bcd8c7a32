-- Which decisions about one local model (?1) by these weights (?2) were judged? At most ?3, the newest by when they were judged. A
-- delegation of which no model was known beforehand is about the one that answered; the log odds are those before any fit.
SELECT h.as_good_logit, o.as_good, p.dir
FROM task_outcomes AS o JOIN handoff_events AS h USING (task_id) JOIN projects AS p ON p.project_id = h.project_id
WHERE o.as_good IS NOT NULL AND h.as_good_logit IS NOT NULL
  AND iif(h.kind = 'delegation', coalesce(h.local_model, h.model), h.local_model) = ?1
  -- The weights, or they and a fit: `1a2b3c4d+7`.
  AND substr(h.router_version, 1, 8) = ?2
ORDER BY o.judged_at DESC, h.handoff_seq DESC
LIMIT ?3
