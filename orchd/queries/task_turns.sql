-- What begins and ends the turns of session ?1, by time? ?2 the bit of events.flags of what was not typed but is a background task's
-- report.
SELECT event_id, hook_event_name, occurred_at, prompt_id, flags & ?2 <> 0 AS is_report, summary
FROM events INDEXED BY events_by_session
WHERE session_id = ?1 AND tool_use_id IS NULL AND hook_event_name IN ('UserPromptSubmit', 'Stop', 'StopFailure', 'SessionEnd')
  AND agent_id IS NULL
ORDER BY occurred_at, seq
