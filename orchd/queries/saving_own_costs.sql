-- What did the local model itself cost, by which price, and what did that lead to? A saving that it is taken off, an answer whose saving
-- is not known, or nothing. ?1 from and ?2 before (microseconds UTC), ?3 project_id, null for all.
SELECT p.name,
  CASE WHEN h.saving_nano_usd IS NOT NULL THEN 'saving' WHEN h.ran = 'local' THEN 'unknown' ELSE 'nothing' END AS led_to,
  count(*), sum(h.cost_nano_usd)
FROM handoff_events AS h JOIN api_requests AS r ON r.request_seq = h.request_seq JOIN prices AS p ON p.price_id = r.price_id
WHERE h.kind = 'delegation' AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 50
