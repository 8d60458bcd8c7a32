-- Which moments of a session stand on its timeline? Newest first; ?1 session_id, ?2 limit.
SELECT hook_event_name, occurred_at, summary, prompt_id, event_id, flags
FROM events INDEXED BY events_by_session
WHERE session_id = ?1 AND hook_event_name IN
  ('UserPromptSubmit', 'Stop', 'StopFailure', 'SessionStart', 'SessionEnd', 'PostCompact', 'PostModelSwitch', 'Notification')
ORDER BY seq DESC
LIMIT ?2
