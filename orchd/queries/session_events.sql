-- Which events has a session? Newest first; ?1 session_id, ?2 seq above which, ?3 seq below which, ?4 limit. Read from the index alone.
SELECT seq FROM events INDEXED BY events_by_session
WHERE session_id = ?1 AND seq > ?2 AND seq < ?3
ORDER BY seq DESC
LIMIT ?4
