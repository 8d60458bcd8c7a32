-- Writes the start of call ?1, which came after its end.
UPDATE tool_calls SET tool_name = ?2, agent_id = ?3, prompt_id = ?4, summary = ?5, started_at = ?6, start_seq = ?7
WHERE call_id = ?1
