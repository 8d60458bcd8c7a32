-- Sessions that count as live and name a client process, with what tells that process apart.
SELECT session_id, client_pid, client_start_us, last_event_at
FROM orchestration_sessions
WHERE state IN ('working', 'waiting', 'idle') AND client_pid IS NOT NULL
