-- Writes a tool call as the fold sees it (columns in order).
INSERT INTO tool_calls (session_id, tool_use_id, tool_name, agent_id, prompt_id, summary, started_at, ended_at, duration_ms,
  permission_asked_at, status, start_seq, end_seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (session_id, tool_use_id) DO UPDATE SET
  tool_name = excluded.tool_name, agent_id = excluded.agent_id, prompt_id = excluded.prompt_id,
  summary = excluded.summary, started_at = excluded.started_at, ended_at = excluded.ended_at,
  duration_ms = excluded.duration_ms, permission_asked_at = excluded.permission_asked_at, status = excluded.status,
  start_seq = excluded.start_seq, end_seq = excluded.end_seq
