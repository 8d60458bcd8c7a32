-- Stores one event (columns in order); nothing when its id, or this very tool event, is there already.
INSERT INTO events (seq, event_id, hook_event_name, session_id, project_id, prompt_id, tool_use_id, tool_name, agent_id,
  agent_type, occurred_at, received_at, duration_ms, failed, summary, flags, body_bytes, once)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
ON CONFLICT DO NOTHING
