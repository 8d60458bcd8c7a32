-- How many tool calls had a session? ?1 session_id.
SELECT count(*) FROM tool_calls WHERE session_id = ?1
