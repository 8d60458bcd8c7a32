-- The transcripts with lines that could not be read, each with how many, the most first.
SELECT path, skipped_lines FROM transcript_files WHERE skipped_lines > 0 ORDER BY skipped_lines DESC, path
