-- Which number has a project directory? ?1 dir.
SELECT project_id FROM projects WHERE dir = ?1
