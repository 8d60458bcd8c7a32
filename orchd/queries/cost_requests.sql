-- What did requests of a range spend, one by one? ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 model,
-- ?5 type of agent ('' for the main thread).
SELECT requested_at, project_id, model, coalesce(nullif(agent_type, ''), iif(agent_id IS NULL, '', 'unknown agent')), 1, input_tokens, output_tokens, cache_read_input_tokens,
  cache_creation_input_tokens, coalesce(cost_nano_usd, 0), cost_nano_usd IS NULL, session_id, coalesce(prompt_id, '')
FROM api_requests
WHERE requested_at >= ?1 AND requested_at < ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4)
 
  AND (?5 IS NULL OR coalesce(nullif(agent_type, ''), iif(agent_id IS NULL, '', 'unknown agent')) = ?5)
