-- Which sessions match, last event first? ?1 LIKE pattern, ?2 states as ',a,b,', ?3 project_id, ?4 pinned, each null for all; ?5 and ?6
-- last_event_at and session_id of the row before, null at the start; ?7 limit.
SELECT s.session_id, s.label, s.pinned, s.title, p.name AS project, p.dir AS project_dir, s.state, s.state_since_at,
  s.waiting_for, s.model, s.permission_mode, s.entrypoint, s.parent_task, s.started_at, s.last_event_at, s.ended_at,
  s.end_reason, s.prompts, s.tool_calls, s.tool_failures, s.agents, s.compactions, s.events
FROM orchestration_sessions AS s JOIN projects AS p USING (project_id)
WHERE (?1 IS NULL OR coalesce(s.label, '') LIKE ?1 ESCAPE '\' OR coalesce(s.title, '') LIKE ?1 ESCAPE '\'
    OR s.session_id LIKE ?1 ESCAPE '\' OR s.project_id IN (SELECT project_id FROM projects WHERE dir LIKE ?1 ESCAPE '\'))
  AND (?2 IS NULL OR instr(?2, ',' || s.state || ',') > 0)
  AND (?3 IS NULL OR s.project_id = ?3)
  AND (?4 IS NULL OR s.pinned = ?4)
  AND s.active_minute <= coalesce(?5 / 60000000, 9223372036854775807)
  AND (?5 IS NULL OR (s.last_event_at, s.session_id) < (?5, ?6))
ORDER BY s.active_minute DESC, s.last_event_at DESC, s.session_id DESC
LIMIT ?7
