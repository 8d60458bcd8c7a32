-- Which rows of the ledger match, newest first? ?1 from and ?2 before (microseconds UTC); only rows older than ?3, or as old with a
-- smaller number than ?4; each null for all: ?5 project_id, ?6 model, ?7 type of agent ('' for the main thread), ?8 prompt
-- ('' for requests that belong to none); ?9 rows.
SELECT r.request_seq, r.requested_at, r.message_id, r.request_id, r.session_id, r.agent_id, r.agent_type, r.prompt_id, d.dir, r.model,
  r.input_tokens, r.output_tokens, r.cache_creation_input_tokens, r.cache_creation_1h_input_tokens, r.cache_read_input_tokens,
  r.web_searches, r.flags, r.source, p.name AS price, r.cost_nano_usd
FROM api_requests AS r JOIN projects AS d ON d.project_id = r.project_id LEFT JOIN prices AS p ON p.price_id = r.price_id
WHERE r.requested_at >= ?1 AND r.requested_at < ?2 AND r.requested_at <= ?3 AND (r.requested_at < ?3 OR r.request_seq < ?4)
  AND (?5 IS NULL OR r.project_id = ?5) AND (?6 IS NULL OR r.model = ?6) AND (?7 IS NULL OR coalesce(nullif(r.agent_type, ''), iif(r.agent_id IS NULL, '', 'unknown agent')) = ?7)
  AND (?8 IS NULL OR coalesce(r.prompt_id, '') = ?8)
ORDER BY r.requested_at DESC, r.request_seq DESC
LIMIT ?9
