-- Agent ?2 of session ?1.
SELECT agent_id, agent_type, tool_use_id, tool_use_certain, parent_agent_id, prompt_id, mode, description, requested_model,
  resolved_model, started_at, ended_at, status, tool_calls, tool_failures
FROM subagent_invocations WHERE session_id = ?1 AND agent_id = ?2
