-- Of which sessions may tasks have to be settled anew? Those with tasks that were never settled, and, as what came last may not have been
-- looked at, those with a task that had an event since ?1 (minutes since 1970) or are among the last ?2 requests of the ledger.
SELECT session_id FROM handoff_events INDEXED BY handoff_events_open WHERE settled_at IS NULL AND session_id IS NOT NULL
UNION
SELECT s.session_id FROM orchestration_sessions AS s
WHERE s.active_minute >= ?1 AND EXISTS (SELECT 1 FROM handoff_events AS h WHERE h.session_id = s.session_id)
UNION
SELECT r.session_id FROM (SELECT DISTINCT session_id FROM (SELECT session_id FROM api_requests ORDER BY request_seq DESC LIMIT ?2)) AS r
WHERE EXISTS (SELECT 1 FROM handoff_events AS h WHERE h.session_id = r.session_id)
