-- The request that the provider calls ?1, unless its response is known to be another than ?2 (empty: not known).
-- The plus keeps SQLite from putting ?1 into the index's expression, which it would then not find.
SELECT r.request_seq, r.message_id, r.request_id, r.session_id, r.agent_id, r.agent_type, r.prompt_id, r.project_id, r.model,
  r.requested_at, r.input_tokens, r.output_tokens, r.cache_read_input_tokens, r.cache_creation_input_tokens,
  r.cache_creation_1h_input_tokens, r.web_searches, r.flags, r.source, p.name AS price, r.cost_nano_usd
FROM api_requests AS r LEFT JOIN prices AS p ON p.price_id = r.price_id
WHERE substr(r.request_id, -8) = substr(?1, -8) AND r.request_id IS NOT NULL AND +r.request_id = ?1
  AND (r.message_id IS NULL OR ?2 = '' OR r.message_id = ?2)
