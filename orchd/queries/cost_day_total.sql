-- What was spent per day of the configured zone, on whatever? ?1 first and ?2 last day.
SELECT day, 0, '', '', requests, input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens, cost_nano_usd,
  unknown_cost_requests
FROM cost_day_total
WHERE day BETWEEN ?1 AND ?2
ORDER BY day
