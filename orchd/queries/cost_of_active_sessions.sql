-- What do the recently active sessions cost, newest first? ?1 since when, ?2 newest requests that are looked through, ?3 sessions at
-- most. Costs as in cost_of_day, over a session's whole life. The newest requests name the sessions: those are found by time, sessions
-- are not.
SELECT session_id, sum(cost_nano_usd), sum(unknown_cost_requests)
FROM cost_session
WHERE session_id IN (SELECT session_id FROM api_requests WHERE requested_at >= ?1 ORDER BY requested_at DESC LIMIT ?2)
GROUP BY session_id
ORDER BY max(last_at) DESC
LIMIT ?3
