-- What was decided about the newest tasks, and how did they come out? ?1 from and ?2 before (microseconds UTC), ?3 project_id,
-- null for all; ?4 rows. Money in nano-dollars; `model` is the local model that a judgement is about.
WITH newest AS (
  -- The index is by kind: each kind's newest are taken from its end, and nothing else is sorted.
  SELECT * FROM (
    SELECT handoff_seq, decided_at FROM handoff_events
    WHERE kind = 'prompt' AND decided_at >= ?1 AND decided_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND recommended_route IS NOT NULL
    ORDER BY decided_at DESC LIMIT ?4)
  UNION ALL
  SELECT * FROM (
    SELECT handoff_seq, decided_at FROM handoff_events
    WHERE kind = 'agent' AND decided_at >= ?1 AND decided_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND recommended_route IS NOT NULL
    ORDER BY decided_at DESC LIMIT ?4)
  UNION ALL
  SELECT * FROM (
    SELECT handoff_seq, decided_at FROM handoff_events
    WHERE kind = 'delegation' AND decided_at >= ?1 AND decided_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND recommended_route IS NOT NULL
    ORDER BY decided_at DESC LIMIT ?4)
  ORDER BY decided_at DESC, handoff_seq DESC
  LIMIT ?4
)
SELECT h.as_good, h.as_good_logit, h.router_version, h.recommended_route, h.ran, p.dir, o.as_good AS judged,
  iif(h.kind = 'delegation', coalesce(h.local_model, h.model), h.local_model) AS model,
  h.expected_saving_nano_usd - h.expected_loss_nano_usd AS worth_nano_usd
FROM newest CROSS JOIN handoff_events AS h USING (handoff_seq) JOIN projects AS p ON p.project_id = h.project_id
  LEFT JOIN task_outcomes AS o USING (task_id)
