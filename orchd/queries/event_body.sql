-- How is the payload of event ?1 (its seq) kept, and what is it?
SELECT encoding, body FROM event_bodies WHERE seq = ?1
