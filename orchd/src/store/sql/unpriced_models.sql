-- Models of requests whose cost is not known, and when the newest request to each was.
SELECT model, max(last_at) FROM cost_session WHERE unknown_cost_requests > 0 GROUP BY model
