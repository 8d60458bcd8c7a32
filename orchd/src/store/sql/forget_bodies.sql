-- Forgets the bodies of events that occurred before ?1 (microseconds, UTC): at most 1,000, the first stored first.
DELETE FROM event_bodies WHERE seq IN (
  SELECT seq FROM (SELECT seq FROM event_bodies ORDER BY seq LIMIT 1000) JOIN events USING (seq) WHERE occurred_at < ?1
)
