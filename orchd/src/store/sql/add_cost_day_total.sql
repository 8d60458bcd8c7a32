-- Adds to all of the day ?1 (YYYY-MM-DD).
INSERT INTO cost_day_total (day, requests, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens,
  cost_nano_usd, unknown_cost_requests)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, input_tokens = input_tokens + excluded.input_tokens,
  output_tokens = output_tokens + excluded.output_tokens,
  cache_read_input_tokens = cache_read_input_tokens + excluded.cache_read_input_tokens,
  cache_creation_input_tokens = cache_creation_input_tokens + excluded.cache_creation_input_tokens,
  cost_nano_usd = cost_nano_usd + excluded.cost_nano_usd,
  unknown_cost_requests = unknown_cost_requests + excluded.unknown_cost_requests
