-- Takes the quarter of an hour that begins at ?1 out when no request is left in it.
DELETE FROM cost_metrics WHERE bucket_at = ?1 AND project_id = ?2 AND model = ?3 AND agent_type = ?4 AND requests = 0
