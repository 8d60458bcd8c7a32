-- Remembers how far a transcript was read (columns in order).
INSERT INTO transcript_files (path, file_id, read_bytes, modified_at, prompt_id, skipped_lines)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET file_id = excluded.file_id, read_bytes = excluded.read_bytes, modified_at = excluded.modified_at,
  prompt_id = excluded.prompt_id, skipped_lines = excluded.skipped_lines
