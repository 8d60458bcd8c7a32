-- Adds ?5 events and ?6 failures, the last of them ?7, to the quarter of an hour ?1.
INSERT INTO activity_15m (bucket_at, project_id, hook_event_name, tool_name, events, failures, last_seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT DO UPDATE SET events = events + excluded.events, failures = failures + excluded.failures,
  last_seq = max(last_seq, excluded.last_seq)
