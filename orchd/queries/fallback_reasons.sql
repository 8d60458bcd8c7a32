-- Why was it not the local model that did it? ?1 from and ?2 before (microseconds UTC), ?3 project_id, null for all. Most tasks first.
SELECT o.outcome, o.reason, count(*)
FROM handoff_events AS h JOIN task_outcomes AS o USING (task_id)
WHERE h.kind = 'delegation' AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
  AND o.outcome IN ('fell_back', 'failed')
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 100
