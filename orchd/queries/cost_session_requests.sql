-- What did requests of session ?6 in a range spend, one by one? The others as in cost_requests.sql.
-- The plus keeps SQLite from putting ?6 into the index's expression, which it would then not find.
SELECT requested_at, project_id, model, coalesce(nullif(agent_type, ''), iif(agent_id IS NULL, '', 'unknown agent')), 1, input_tokens, output_tokens, cache_read_input_tokens,
  cache_creation_input_tokens, coalesce(cost_nano_usd, 0), cost_nano_usd IS NULL, session_id, coalesce(prompt_id, '')
FROM api_requests
WHERE substr(session_id, -8) = substr(?6, -8) AND +session_id = ?6 AND requested_at >= ?1 AND requested_at < ?2
  AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
  AND (?5 IS NULL OR coalesce(nullif(agent_type, ''), iif(agent_id IS NULL, '', 'unknown agent')) = ?5)
