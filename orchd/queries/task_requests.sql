-- What did session ?1 use, by time? Without what the local model used.
-- The plus keeps SQLite from putting ?1 into the index's expression, which it would then not find.
SELECT agent_id, prompt_id, requested_at, model, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens,
  cache_creation_1h_input_tokens, web_searches, flags, cost_nano_usd
FROM api_requests
WHERE substr(session_id, -8) = substr(?1, -8) AND +session_id = ?1 AND source <> 'local'
ORDER BY requested_at, request_seq
