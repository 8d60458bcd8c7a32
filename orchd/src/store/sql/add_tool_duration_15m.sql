-- Adds ?5 calls to bin ?4 of the quarter of an hour ?1.
INSERT INTO tool_duration_15m (bucket_at, project_id, tool_name, bin, calls) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO UPDATE SET calls = calls + excluded.calls
