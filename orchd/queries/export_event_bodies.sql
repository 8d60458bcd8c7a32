-- Events as in export_events.sql, each with its redacted payload as it is stored.
SELECT e.seq, e.event_id, e.hook_event_name, e.session_id, d.dir AS project_dir, e.prompt_id, e.tool_use_id, e.tool_name, e.agent_id,
  e.agent_type, e.occurred_at, e.received_at, e.duration_ms, e.failed, e.summary, e.body_bytes, b.body, b.encoding
FROM events AS e JOIN projects AS d ON d.project_id = e.project_id LEFT JOIN event_bodies AS b ON b.seq = e.seq
WHERE e.seq > ?1 AND e.seq <= ?2 AND e.occurred_at >= ?3 AND e.occurred_at < ?4
  AND (?5 IS NULL OR e.project_id = ?5)
  AND (?6 IS NULL OR coalesce(nullif(e.agent_type, ''), iif(e.agent_id IS NULL, '', 'unknown agent')) = ?6) AND (?7 IS NULL OR e.session_id = ?7)
ORDER BY e.seq
