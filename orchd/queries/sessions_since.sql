-- Which sessions have events stored after ?1 (seq)? At most ?2.
SELECT DISTINCT session_id FROM events WHERE seq > ?1 LIMIT ?2
