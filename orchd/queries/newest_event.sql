-- Which event was stored last? One row, or none.
SELECT seq, occurred_at FROM events ORDER BY seq DESC LIMIT 1
