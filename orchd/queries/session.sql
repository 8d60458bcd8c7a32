-- What is known of one session? ?1 session_id.
SELECT s.session_id, s.label, s.pinned, s.title, p.name AS project, p.dir AS project_dir, s.state, s.state_since_at,
  s.waiting_for, s.model, s.permission_mode, s.entrypoint, s.parent_task, s.started_at, s.last_event_at, s.ended_at,
  s.end_reason, s.prompts, s.tool_calls, s.tool_failures, s.agents, s.compactions, s.events
FROM orchestration_sessions AS s JOIN projects AS p USING (project_id)
WHERE s.session_id = ?1
