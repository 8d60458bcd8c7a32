-- The folder of the project that session ?1 belongs to: as hooks say, else as the requests of its transcripts do.
-- The plus keeps SQLite from putting ?1 into the index's expression, which it would then not find.
SELECT p.dir FROM orchestration_sessions AS s JOIN projects AS p ON p.project_id = s.project_id
WHERE s.session_id = ?1 AND p.dir <> ''
UNION ALL
SELECT p.dir FROM api_requests AS r JOIN projects AS p ON p.project_id = r.project_id
WHERE substr(r.session_id, -8) = substr(?1, -8) AND +r.session_id = ?1 AND p.dir <> ''
LIMIT 1
