-- By which assumptions were savings reckoned? ?1 from and ?2 before (microseconds UTC), ?3 project_id, null for all; ?4 the reason of
-- answers that end at their token limit. Most tasks first.
SELECT h.displaced_model, h.displaced_by, p.name, count(*), sum(h.displaced_cost_nano_usd), sum(h.saving_nano_usd),
  o.reason IS ?4 AS is_partial, sum(h.cost_nano_usd) AS own_cost
FROM handoff_events AS h JOIN task_outcomes AS o USING (task_id) LEFT JOIN prices AS p ON p.price_id = h.displaced_price_id
WHERE h.kind = 'delegation' AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3) AND h.ran = 'local'
GROUP BY 1, 2, 3, 7
ORDER BY 4 DESC, 1, 2, 3, 7
LIMIT 50
