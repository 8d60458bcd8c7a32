-- How many tokens did the client count beyond the ledger, by session and model as each side names it? What it counted, and, taken away,
-- what the ledger has of the session and of those whose requests it begins with. No parameters.
WITH whose AS (
  SELECT DISTINCT session_id, session_id AS asked_by FROM client_costs
  UNION
  SELECT f.session_id, f.parent_id FROM session_forks AS f JOIN client_costs AS c ON c.session_id = f.session_id
)
SELECT session_id, model, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens
FROM client_costs
UNION ALL
SELECT w.session_id, c.model, -c.input_tokens, -c.output_tokens, -c.cache_read_input_tokens, -c.cache_creation_input_tokens
FROM whose AS w JOIN cost_session AS c ON c.session_id = w.asked_by
