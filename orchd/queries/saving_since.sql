-- What was saved from ?1 on (microseconds UTC)? Null where nothing is known to have been.
SELECT sum(saving_nano_usd) FROM handoff_events WHERE kind = 'delegation' AND decided_at >= ?1
