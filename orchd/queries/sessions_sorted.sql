-- Which sessions match, by a column of the user's choice? Parameters as in sessions_newest.sql, ?5 being the key of the row before; ?8 the key
-- (started, events, tools, failures, last), ?9 1 for descending, -1 for ascending. Reads every session, but sorts
-- only numbers of rows.
SELECT s.session_id, s.label, s.pinned, s.title, p.name AS project, p.dir AS project_dir, s.state, s.state_since_at,
  s.waiting_for, s.model, s.permission_mode, s.entrypoint, s.parent_task, s.started_at, s.last_event_at, s.ended_at,
  s.end_reason, s.prompts, s.tool_calls, s.tool_failures, s.agents, s.compactions, s.events
FROM (
  SELECT place, key, session_id FROM (
    SELECT s.rowid AS place, s.session_id,
      CASE ?8 WHEN 'started' THEN s.started_at WHEN 'events' THEN s.events WHEN 'tools' THEN s.tool_calls
    WHEN 'failures' THEN s.tool_failures ELSE s.last_event_at END AS key
    FROM orchestration_sessions AS s
    WHERE (?1 IS NULL OR coalesce(s.label, '') LIKE ?1 ESCAPE '\' OR coalesce(s.title, '') LIKE ?1 ESCAPE '\'
    OR s.session_id LIKE ?1 ESCAPE '\' OR s.project_id IN (SELECT project_id FROM projects WHERE dir LIKE ?1 ESCAPE '\'))
  AND (?2 IS NULL OR instr(?2, ',' || s.state || ',') > 0)
  AND (?3 IS NULL OR s.project_id = ?3)
  AND (?4 IS NULL OR s.pinned = ?4)
  )
  WHERE ?5 IS NULL OR key * ?9 < ?5 * ?9 OR (key = ?5 AND session_id < ?6)
  ORDER BY key * ?9 DESC, session_id DESC
  LIMIT ?7
) AS found
CROSS JOIN orchestration_sessions AS s ON s.rowid = found.place
JOIN projects AS p USING (project_id)
ORDER BY found.key * ?9 DESC, found.session_id DESC
