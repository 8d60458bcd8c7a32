-- Writes what is known of request ?1 now; who asked stays.
UPDATE api_requests SET message_id = ?2, request_id = ?3, agent_id = ?4, agent_type = ?5, prompt_id = ?6, model = ?7,
  requested_at = ?8, input_tokens = ?9, output_tokens = ?10, cache_read_input_tokens = ?11, cache_creation_input_tokens = ?12,
  cache_creation_1h_input_tokens = ?13, web_searches = ?14, flags = ?15, source = ?16, price_id = ?17, cost_nano_usd = ?18
WHERE request_seq = ?1
