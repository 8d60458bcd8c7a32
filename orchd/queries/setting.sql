-- What does the store remember under a name? ?1 name.
SELECT value FROM settings WHERE name = ?1
