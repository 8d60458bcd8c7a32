-- What did each session spend whose requests all lie in a range, and which sessions reach over an end of it?
-- ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 model. `whole` is 0 for those that reach over.
SELECT session_id, model, first_at >= ?1 AND last_at < ?2 AS whole, requests, input_tokens, output_tokens, cache_read_input_tokens,
  cache_creation_input_tokens, cost_nano_usd, unknown_cost_requests
FROM cost_session
WHERE last_at >= ?1 AND first_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
