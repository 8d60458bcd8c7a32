-- What did a day cost? ?1 day as YYYY-MM-DD. Cost in nano-dollars of the requests whose price is known, and the count of the others.
SELECT coalesce(sum(cost_nano_usd), 0), coalesce(sum(unknown_cost_requests), 0) FROM cost_day_total WHERE day = ?1
