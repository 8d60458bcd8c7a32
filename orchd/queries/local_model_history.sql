-- How was the local model, the newest first? ?1 rows at most.
SELECT since_at, state, url, kind, model, context_tokens, quantization, reason
FROM local_model_states
ORDER BY state_seq DESC
LIMIT ?1
