-- Which sessions are working, waiting or idle? Most urgent first; ?1 project_id, null for all; ?2 limit. prompt_at bounds which agents are shown.
SELECT s.session_id, s.label, s.pinned, s.title, p.name AS project, p.dir AS project_dir, s.state, s.state_since_at,
  s.waiting_for, s.model, s.permission_mode, s.entrypoint, s.parent_task, s.started_at, s.last_event_at, s.ended_at,
  s.end_reason, s.prompts, s.tool_calls, s.tool_failures, s.agents, s.compactions, s.events, s.prompt_at
FROM orchestration_sessions AS s JOIN projects AS p USING (project_id)
WHERE s.state IN ('working', 'waiting', 'idle') AND (?1 IS NULL OR s.project_id = ?1)
ORDER BY CASE s.state WHEN 'waiting' THEN 0 WHEN 'working' THEN 1 ELSE 2 END, s.last_event_at DESC
LIMIT ?2
