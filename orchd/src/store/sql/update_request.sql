-- Writes what is known now of the request ?1.
UPDATE api_requests SET message_id = ?2, request_id = ?3, session_id = ?4, agent_id = ?5, agent_type = ?6, prompt_id = ?7,
  project_id = ?8, model = ?9, requested_at = ?10, input_tokens = ?11, output_tokens = ?12, cache_read_input_tokens = ?13,
  cache_creation_input_tokens = ?14, cache_creation_1h_input_tokens = ?15, web_searches = ?16, flags = ?17, source = ?18,
  price_id = ?19, cost_nano_usd = ?20
WHERE request_seq = ?1
