-- How did the last 5 tool calls of a session that ran to their end go? ?1 session_id. Which they are is read from the index alone.
SELECT failed, occurred_at AS at
FROM events
WHERE seq IN (
  SELECT seq FROM events INDEXED BY events_by_session
  WHERE session_id = ?1 AND tool_use_id IS NOT NULL AND hook_event_name IN ('PostToolUse', 'PostToolUseFailure')
  ORDER BY seq DESC
  LIMIT 5)
ORDER BY seq DESC
