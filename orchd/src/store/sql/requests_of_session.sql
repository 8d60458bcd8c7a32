-- The requests of session ?1 that stand under project ?2.
-- The plus keeps SQLite from putting ?1 into the index's expression, which it would then not find.
SELECT r.request_seq, r.message_id, r.request_id, r.session_id, r.agent_id, r.agent_type, r.prompt_id, r.project_id, r.model,
  r.requested_at, r.input_tokens, r.output_tokens, r.cache_read_input_tokens, r.cache_creation_input_tokens,
  r.cache_creation_1h_input_tokens, r.web_searches, r.flags, r.source, p.name AS price, r.cost_nano_usd
FROM api_requests AS r LEFT JOIN prices AS p ON p.price_id = r.price_id
WHERE substr(r.session_id, -8) = substr(?1, -8) AND +r.session_id = ?1 AND r.project_id = ?2
