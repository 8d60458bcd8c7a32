-- Sums every day of cost_day.
INSERT INTO cost_day_total
SELECT day, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens),
  sum(cost_nano_usd), sum(unknown_cost_requests)
FROM cost_day
GROUP BY day
