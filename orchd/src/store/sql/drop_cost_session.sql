-- Takes out what is left of session ?1 with model ?2 in project ?3 when all its requests moved away.
DELETE FROM cost_session WHERE session_id = ?1 AND model = ?2 AND project_id = ?3 AND requests <= 0
