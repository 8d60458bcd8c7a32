-- Can the client have counted more than the ledger for session ?1? Whether a stream was cut (its output is a lower bound), and whether
-- telemetry, which tells of every request, told of the session; the cut streams of parents count too.
SELECT coalesce(max(r.flags & 8 <> 0), 0), coalesce(max(w.session_id = ?1 AND (r.source = 'telemetry' OR r.message_id IS NULL)), 0)
FROM (SELECT ?1 AS session_id UNION SELECT parent_id FROM session_forks WHERE session_id = ?1) AS w
JOIN api_requests AS r ON substr(r.session_id, -8) = substr(w.session_id, -8) AND +r.session_id = w.session_id
