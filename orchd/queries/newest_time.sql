-- When did the newest and the oldest event happen? Null on an empty database.
SELECT (SELECT max(occurred_at) FROM events), (SELECT min(occurred_at) FROM events)
