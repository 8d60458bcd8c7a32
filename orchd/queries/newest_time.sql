-- When did the newest event happen, and when the one that was stored first? Null on an empty database.
SELECT (SELECT max(last_event_at) FROM orchestration_sessions
    WHERE active_minute = (SELECT max(active_minute) FROM orchestration_sessions)),
  (SELECT occurred_at FROM events ORDER BY seq LIMIT 1)
