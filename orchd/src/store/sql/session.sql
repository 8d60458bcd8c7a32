-- The row of session ?1, to fold on.
SELECT project_id, title, model, permission_mode, entrypoint, transcript_path, client_pid, client_start_us, started_at,
  last_event_at, opened_at, prompt_at, stopped_at, ended_at, lost_at, asked_at, end_reason, state, state_since_at,
  waiting_for, prompts, tool_calls, tool_failures, agents, compactions, events, parent_task
FROM orchestration_sessions WHERE session_id = ?1
