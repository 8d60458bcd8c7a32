-- What was decided about each task, and how did it come out, the newest first? ?1 from and ?2 before (microseconds UTC), ?3 project_id,
-- null for all; ?4 rows. Money in nano-dollars; `model` is the local model that a judgement is about.
SELECT h.as_good, h.as_good_logit, h.router_version, h.recommended_route, h.ran, p.dir, o.as_good AS judged,
  iif(h.kind = 'delegation', coalesce(h.local_model, h.model), h.local_model) AS model,
  h.expected_saving_nano_usd - h.expected_loss_nano_usd AS worth_nano_usd
FROM handoff_events AS h JOIN projects AS p ON p.project_id = h.project_id LEFT JOIN task_outcomes AS o USING (task_id)
WHERE h.kind IN ('prompt', 'agent', 'delegation') AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
  AND h.recommended_route IS NOT NULL
ORDER BY h.decided_at DESC, h.handoff_seq DESC
LIMIT ?4
