-- What was spent per day of the configured zone, project, model and type of agent?
-- ?1 first and ?2 last day; each null for all: ?3 project_id, ?4 model, ?5 type of agent ('' for the main thread).
SELECT day, project_id, model, agent_type, requests, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens,
  cost_nano_usd, unknown_cost_requests
FROM cost_day
WHERE day BETWEEN ?1 AND ?2 AND (?3 IS NULL OR project_id = ?3) AND (?4 IS NULL OR model = ?4) AND (?5 IS NULL OR agent_type = ?5)
ORDER BY day
