-- The request that the provider calls ?1.
SELECT r.request_seq, r.message_id, r.request_id, r.session_id, r.agent_id, r.agent_type, r.prompt_id, r.project_id, r.model,
  r.requested_at, r.input_tokens, r.output_tokens, r.cache_read_input_tokens, r.cache_creation_input_tokens,
  r.cache_creation_1h_input_tokens, r.web_searches, r.flags, r.source, p.name AS price, r.cost_nano_usd
FROM api_requests AS r LEFT JOIN prices AS p ON p.price_id = r.price_id
WHERE r.request_id = ?1
LIMIT 1
