-- Which is the newest event by order of storing of a range of time? ?1 from and ?2 to (inclusive), microseconds UTC. Read from the index alone.
SELECT max(seq) FROM events INDEXED BY events_by_time WHERE occurred_at >= ?1 AND occurred_at <= ?2
