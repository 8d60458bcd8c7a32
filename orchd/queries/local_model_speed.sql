-- How many tokens a second did a local model (?1) write in its newest delegations (?2 of them)? The mean; null where nobody measured.
SELECT avg(tokens_per_second) FROM (
  SELECT tokens_per_second FROM handoff_events
  WHERE kind = 'delegation' AND model = ?1 AND tokens_per_second > 0
  ORDER BY decided_at DESC
  LIMIT ?2)
