-- How far was each transcript read?
SELECT path, file_id, read_bytes, modified_at, prompt_id, skipped_lines FROM transcript_files
