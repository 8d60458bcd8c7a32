-- Which tasks have ids that begin with ?1, with or without the kind in front? The whole id first, then the shortest; at most 3.
SELECT task_id FROM handoff_events
WHERE substr(task_id, 1, length(?1)) = ?1 OR substr(task_id, instr(task_id, ':') + 1, length(?1)) = ?1
ORDER BY task_id <> ?1 AND substr(task_id, instr(task_id, ':') + 1) <> ?1, length(task_id), task_id
LIMIT 3
