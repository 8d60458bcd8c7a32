-- Writes a request that is new; ?1 is null. No upsert: SQLite keeps a copy of every page that one touches, so as to take it back.
INSERT INTO api_requests (request_seq, message_id, request_id, session_id, agent_id, agent_type, prompt_id, project_id, model,
  requested_at, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cache_creation_1h_input_tokens,
  web_searches, flags, source, price_id, cost_nano_usd)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
