-- Which directory is which project's?
SELECT project_id, dir FROM projects
