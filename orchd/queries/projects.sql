-- Which projects are known? By name, then directory.
SELECT project_id, name, dir FROM projects ORDER BY name, dir
