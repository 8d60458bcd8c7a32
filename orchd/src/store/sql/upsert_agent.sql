-- Writes an agent run as the fold sees it (columns in order).
INSERT INTO subagent_invocations (session_id, agent_id, agent_type, tool_use_id, tool_use_certain, parent_agent_id,
  prompt_id, mode, description, requested_model, resolved_model, started_at, ended_at, status, tool_calls, tool_failures)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT (session_id, agent_id) DO UPDATE SET
  agent_type = excluded.agent_type, tool_use_id = excluded.tool_use_id, tool_use_certain = excluded.tool_use_certain,
  parent_agent_id = excluded.parent_agent_id, prompt_id = excluded.prompt_id, mode = excluded.mode,
  description = excluded.description, requested_model = excluded.requested_model,
  resolved_model = excluded.resolved_model, started_at = excluded.started_at, ended_at = excluded.ended_at,
  status = excluded.status, tool_calls = excluded.tool_calls, tool_failures = excluded.tool_failures
