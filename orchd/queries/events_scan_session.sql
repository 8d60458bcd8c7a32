-- Which events of a session match, newest first? As events_scan.sql; ?11 session_id.
SELECT seq, occurred_at, received_at,
  (?3 IS NULL OR project_id = ?3)
  AND (?4 IS NULL OR instr(?4, ',' || hook_event_name || ',') > 0)
  AND (?5 IS NULL OR tool_name IS ?5)
  AND (?6 IS NULL OR agent_id IS ?6)
  AND (?7 IS NULL OR failed = ?7)
  AND (?8 IS NULL OR occurred_at >= ?8)
  AND (?9 IS NULL OR occurred_at <= ?9)
  AND (?10 IS NULL OR coalesce(summary, '') LIKE ?10 ESCAPE '\' OR coalesce(tool_name, '') LIKE ?10 ESCAPE '\'
    OR hook_event_name LIKE ?10 ESCAPE '\') AS hit
FROM events INDEXED BY events_by_session
WHERE session_id = ?11 AND seq > ?1 AND seq < ?2
ORDER BY seq DESC
