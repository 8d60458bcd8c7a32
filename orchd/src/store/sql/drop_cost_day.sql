-- Takes the day ?1 (YYYY-MM-DD) out when no request is left in it.
DELETE FROM cost_day WHERE day = ?1 AND project_id = ?2 AND model = ?3 AND agent_type = ?4 AND requests = 0
