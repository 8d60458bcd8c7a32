-- A row when telemetry told of requests of session ?1 that have no id of the provider's.
-- The plus keeps SQLite from putting ?1 into the index's expression, which it would then not find.
SELECT 1 FROM api_requests AS r
WHERE substr(r.session_id, -8) = substr(?1, -8) AND +r.session_id = ?1 AND r.message_id IS NULL AND instr(r.request_id, '#') > 0
LIMIT 1
