-- Which is the newest event by order of storing of a range of time, or one at most a quarter of an hour outside it? ?1 start of the first
-- quarter of an hour and ?2 end of the range (inclusive), microseconds UTC.
SELECT max(last_seq) FROM activity_15m WHERE bucket_at >= ?1 AND bucket_at <= ?2
