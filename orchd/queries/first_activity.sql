-- Since when is anything recorded? One row: start of the first quarter of an hour, microseconds UTC; null on an empty database.
SELECT min(bucket_at) FROM activity_15m
