-- Which task that is over was decided last? Not one that is part of a delegation.
SELECT task_id FROM handoff_events
WHERE settled_at IS NOT NULL AND coalesce(parent_task, '') NOT LIKE 'delegation:%'
ORDER BY decided_at DESC, handoff_seq DESC
LIMIT 1
