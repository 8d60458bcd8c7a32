-- What did each session spend in a range? ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 model, ?5 type of
-- agent ('' for the main thread). `whole` is 0 where only a part of the row lies in the range.
SELECT session_id, first_at >= ?1 AND last_at < ?2 AS whole, requests, input_tokens, output_tokens, cache_read_input_tokens,
  cache_creation_input_tokens, cost_nano_usd, unknown_cost_requests
FROM cost_session
WHERE last_at >= ?1 AND first_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
  AND (?5 IS NULL OR agent_type = ?5)
ORDER BY session_id
