-- Which events match, newest first? Every row of the range is returned with its verdict, so that the caller bounds the rows looked at.
-- ?1 seq above which, ?2 seq below which; each null for all: ?3 project_id, ?4 event names as ',a,b,', ?5 tool, ?6 agent_id, ?7 failed,
-- ?8 from and ?9 to (microseconds UTC), ?10 LIKE pattern.
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
FROM events
WHERE seq > ?1 AND seq < ?2
ORDER BY seq DESC
