-- Takes out what is left of session ?1 with model ?2 in project ?3 by agents of type ?4 when all its requests moved away.
DELETE FROM cost_session WHERE session_id = ?1 AND model = ?2 AND project_id = ?3 AND agent_type = ?4 AND requests <= 0
