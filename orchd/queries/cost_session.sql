-- What did each session spend whose requests all lie in a range, and which sessions reach over an end of it?
-- ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 model. `whole` is 0 for those that reach over.
SELECT session_id, model, min(first_at) >= ?1 AND max(last_at) < ?2 AS whole, sum(requests), sum(input_tokens), sum(output_tokens),
  sum(cache_read_input_tokens), sum(cache_creation_input_tokens), sum(cost_nano_usd), sum(unknown_cost_requests)
FROM cost_session
WHERE last_at >= ?1 AND first_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
GROUP BY session_id, model
