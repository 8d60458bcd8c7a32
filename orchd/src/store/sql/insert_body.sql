-- Stores the payload of event ?1 in encoding ?2.
INSERT INTO event_bodies (seq, encoding, body) VALUES (?1, ?2, ?3)
