-- Sets the label of session ?1 to ?3 when ?2, and pinned to ?4 unless that is null.
UPDATE orchestration_sessions SET label = iif(?2, ?3, label), pinned = coalesce(?4, pinned) WHERE session_id = ?1
