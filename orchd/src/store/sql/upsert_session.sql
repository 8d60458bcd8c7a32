-- Writes a session as the fold sees it (columns in order); label and pinned are the user's and stay.
INSERT INTO orchestration_sessions (session_id, project_id, title, model, permission_mode, entrypoint, transcript_path,
  client_pid, client_start_us, started_at, last_event_at, opened_at, prompt_at, stopped_at, ended_at, lost_at, asked_at,
  end_reason, state, state_since_at, waiting_for, prompts, tool_calls, tool_failures, agents, compactions, events,
  active_minute, parent_task)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
  ?26, ?27, ?28, ?29)
ON CONFLICT (session_id) DO UPDATE SET
  project_id = excluded.project_id, title = excluded.title, model = excluded.model,
  permission_mode = excluded.permission_mode, entrypoint = excluded.entrypoint,
  transcript_path = excluded.transcript_path, client_pid = excluded.client_pid,
  client_start_us = excluded.client_start_us, started_at = excluded.started_at,
  last_event_at = excluded.last_event_at, opened_at = excluded.opened_at, prompt_at = excluded.prompt_at,
  stopped_at = excluded.stopped_at, ended_at = excluded.ended_at, lost_at = excluded.lost_at,
  asked_at = excluded.asked_at, end_reason = excluded.end_reason, state = excluded.state,
  state_since_at = excluded.state_since_at, waiting_for = excluded.waiting_for, prompts = excluded.prompts,
  tool_calls = excluded.tool_calls, tool_failures = excluded.tool_failures, agents = excluded.agents,
  compactions = excluded.compactions, events = excluded.events,
  active_minute = excluded.active_minute, parent_task = excluded.parent_task
