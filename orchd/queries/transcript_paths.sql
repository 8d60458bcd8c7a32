-- Where do the transcripts of the sessions lie that said something in the minute ?1 or since?
SELECT transcript_path FROM orchestration_sessions WHERE active_minute >= ?1 AND transcript_path IS NOT NULL
