-- Where task ?1 ran and what it took: ?2 parent task, ?3 agent_id, ?4 settled_at (microseconds UTC, null while it runs), ?5 local or claude,
-- ?6 model, ?7 requests, tokens ?8 input, ?9 output, ?10 cache read, ?11 cache creation, ?12 nano-dollars, ?13 requests of unknown cost;
-- what a cheaper model displaced: ?14 model, ?15 price_id, ?16 and ?17 nano-dollars.
UPDATE handoff_events SET parent_task = ?2, agent_id = ?3, settled_at = ?4, ran = ?5, model = ?6, requests = ?7, input_tokens = ?8,
  output_tokens = ?9, cache_read_input_tokens = ?10, cache_creation_input_tokens = ?11, cost_nano_usd = ?12, unknown_cost_requests = ?13,
  tokens_source = iif(?7 IS NULL, NULL, 'ledger'), displaced_model = ?14, displaced_by = iif(?14 IS NULL, NULL, 'session'),
  displaced_price_id = ?15, displaced_cost_nano_usd = ?16, saving_nano_usd = ?17
WHERE task_id = ?1 AND kind <> 'delegation'
