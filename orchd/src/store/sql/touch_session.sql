-- Writes what every event changes of a session, if all else is as written (columns in order): the indexes of the rest stay untouched.
UPDATE orchestration_sessions SET last_event_at = ?11, tool_calls = ?23, tool_failures = ?24, events = ?27
WHERE session_id = ?1 AND project_id = ?2 AND title IS ?3 AND model IS ?4 AND permission_mode IS ?5 AND entrypoint IS ?6
  AND transcript_path IS ?7 AND client_pid IS ?8 AND client_start_us IS ?9 AND started_at = ?10 AND active_minute = ?28
  AND opened_at IS ?12
  AND prompt_at IS ?13 AND stopped_at IS ?14 AND ended_at IS ?15 AND lost_at IS ?16 AND asked_at IS ?17 AND end_reason IS ?18
  AND +state = ?19 AND state_since_at = ?20 AND waiting_for IS ?21 AND prompts = ?22 AND agents = ?25 AND compactions = ?26
  AND parent_task IS ?29
