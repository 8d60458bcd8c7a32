-- How did the last 5 finished calls of a session end? ?1 session_id.
SELECT status = 'failed' AS failed, coalesce(ended_at, started_at) AS at
FROM tool_calls
WHERE session_id = ?1 AND status <> 'open'
ORDER BY started_at DESC
LIMIT 5
