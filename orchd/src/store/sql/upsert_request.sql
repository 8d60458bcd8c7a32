-- Writes what is known of a request: a new one where ?1 is null; else of that one.
INSERT INTO api_requests (request_seq, message_id, request_id, session_id, agent_id, agent_type, prompt_id, project_id, model,
  requested_at, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cache_creation_1h_input_tokens,
  web_searches, flags, source, price_id, cost_nano_usd)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON CONFLICT DO UPDATE SET message_id = excluded.message_id, request_id = excluded.request_id,
  session_id = excluded.session_id, agent_id = excluded.agent_id,
  agent_type = excluded.agent_type, prompt_id = excluded.prompt_id, project_id = excluded.project_id, model = excluded.model,
  requested_at = excluded.requested_at,
  input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
  cache_read_input_tokens = excluded.cache_read_input_tokens,
  cache_creation_input_tokens = excluded.cache_creation_input_tokens,
  cache_creation_1h_input_tokens = excluded.cache_creation_1h_input_tokens, web_searches = excluded.web_searches,
  flags = excluded.flags, source = excluded.source, price_id = excluded.price_id, cost_nano_usd = excluded.cost_nano_usd
