-- What the client counted for a model in session ?1, unless the ledger knows no request of the session.
INSERT INTO client_costs (session_id, model, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cost_nano_usd)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
WHERE EXISTS (SELECT 1 FROM api_requests WHERE substr(session_id, -8) = substr(?1, -8) AND +session_id = ?1)
