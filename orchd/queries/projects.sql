-- Which projects are known? By name, then directory; at most 1,000.
SELECT project_id, name, dir FROM projects ORDER BY name, dir LIMIT 1000
