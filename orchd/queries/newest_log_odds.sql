-- Of the newest 20,000 tasks: log odds and project's folder of the newest decisions by these weights (?1), whatever the local model was; ?2 rows.
SELECT h.as_good_logit, p.dir
FROM handoff_events AS h JOIN projects AS p ON p.project_id = h.project_id
WHERE h.as_good_logit IS NOT NULL AND h.handoff_seq > (SELECT max(handoff_seq) FROM handoff_events) - 20000
  AND substr(h.router_version, 1, 8) = ?1
ORDER BY h.handoff_seq DESC
LIMIT ?2
