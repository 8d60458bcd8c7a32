-- What did tasks of all kinds save, or could have, and where did they run? Those that are part of a delegation's session are that delegation's.
-- ?1 from and ?2 before (microseconds UTC), ?3 project_id, null for all. One row; money in nano-dollars.
SELECT count(*) FILTER (WHERE h.ran = 'local') AS ran_local, count(*) FILTER (WHERE h.ran = 'claude') AS ran_claude,
  count(*) FILTER (WHERE h.downshifted_to IS NOT NULL) AS downshifted,
  count(*) FILTER (WHERE h.downshifted_to IS NOT NULL AND h.saving_nano_usd IS NULL) AS unknown_downshifts,
  coalesce(sum(h.saving_nano_usd) FILTER (WHERE h.downshifted_to IS NOT NULL), 0) AS downshift_saving,
  -- What the router would have kept here, and Claude did.
  count(*) FILTER (WHERE h.recommended_route = 'local' AND h.ran = 'claude') AS passed_by,
  count(*) FILTER (WHERE h.recommended_route = 'local' AND h.ran = 'claude' AND (h.cost_nano_usd IS NULL OR h.unknown_cost_requests > 0)) AS unknown_costs,
  coalesce(sum(h.cost_nano_usd) FILTER (WHERE h.recommended_route = 'local' AND h.ran = 'claude'), 0) AS passed_by_cost
FROM handoff_events AS h
WHERE h.kind IN ('prompt', 'agent', 'delegation') AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
  AND coalesce(h.parent_task, '') NOT LIKE 'delegation:%'
