-- How many sessions match? Parameters 1 to 4 as in sessions_newest.sql.
SELECT count(*)
FROM orchestration_sessions AS s
WHERE (?1 IS NULL OR coalesce(s.label, '') LIKE ?1 ESCAPE '\' OR coalesce(s.title, '') LIKE ?1 ESCAPE '\'
    OR s.session_id LIKE ?1 ESCAPE '\' OR s.project_id IN (SELECT project_id FROM projects WHERE dir LIKE ?1 ESCAPE '\'))
  AND (?2 IS NULL OR instr(?2, ',' || s.state || ',') > 0)
  AND (?3 IS NULL OR s.project_id = ?3)
  AND (?4 IS NULL OR s.pinned = ?4)
