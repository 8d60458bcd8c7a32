-- How was the local model at ?2, seen since ?1 (microseconds UTC), and on which server?
SELECT state, url FROM local_model_states WHERE since_at >= ?1 AND since_at <= ?2 ORDER BY state_seq DESC LIMIT 1
