-- Takes the day ?1 (YYYY-MM-DD) out when no request is left in it.
DELETE FROM cost_day_total WHERE day = ?1 AND requests <= 0
