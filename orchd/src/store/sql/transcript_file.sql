-- How far was the transcript at ?1 read?
SELECT path, file_id, read_bytes, modified_at, prompt_id, skipped_lines FROM transcript_files WHERE path = ?1
