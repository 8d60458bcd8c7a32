-- Adds ?4 samples to bin ?3 of metric ?1 in the quarter of an hour ?2.
INSERT INTO performance_metrics (metric, bucket_at, bin, samples) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET samples = samples + excluded.samples
