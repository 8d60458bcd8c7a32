-- The request of session ?1 that only the other source told of, and that has no id of the provider's to be found by: the same
-- model ?2, prompt (?3 read anew, ?4 from the cache, ?5 written to it) and output ?6, within ten minutes of ?7. The output of a
-- stream that is not, or was not, at its end says nothing (?8 tells it of the claim). A transcript (?9) looks for a row of
-- telemetry, telemetry for one of a transcript. Sought by time: a session may have more requests than ten minutes.
SELECT r.request_seq, r.message_id, r.request_id, r.session_id, r.agent_id, r.agent_type, r.prompt_id, r.project_id, r.model,
  r.requested_at, r.input_tokens, r.output_tokens, r.cache_read_input_tokens, r.cache_creation_input_tokens,
  r.cache_creation_1h_input_tokens, r.web_searches, r.flags, r.source, p.name AS price, r.cost_nano_usd
FROM api_requests AS r LEFT JOIN prices AS p ON p.price_id = r.price_id
WHERE r.requested_at > ?7 - 600000000 AND r.requested_at < ?7 + 600000000 AND r.session_id = ?1 AND r.model = ?2 AND r.input_tokens = ?3
  AND r.cache_read_input_tokens = ?4 AND r.cache_creation_input_tokens = ?5
  AND (r.output_tokens = ?6 OR ?8 OR r.flags & 8 > 0)
  AND iif(?9, r.message_id IS NULL AND instr(r.request_id, '#') > 0, r.request_id IS NULL)
ORDER BY r.output_tokens <> ?6, abs(r.requested_at - ?7) LIMIT 1
