-- Writes a tool call for the first time (columns in order).
INSERT INTO tool_calls (call_id, session_id, tool_use_id, tool_name, agent_id, prompt_id, summary, started_at, ended_at,
  duration_ms, permission_asked_at, status, start_seq, end_seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
