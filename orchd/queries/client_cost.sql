-- What did the client count session ?1 to have cost, nano-dollars? Null where it did not say, or does not know every price.
SELECT CASE WHEN count(cost_nano_usd) = count(*) THEN sum(cost_nano_usd) END FROM client_costs WHERE session_id = ?1
