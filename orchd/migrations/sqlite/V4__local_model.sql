-- The local model: how it was, and which sessions do its work in its place.

-- One row per change of the state, as it was seen; the first of a run of the daemon is written whether it is another or not.
CREATE TABLE local_model_states (
  state_seq INTEGER PRIMARY KEY,
  since_at INTEGER NOT NULL,          -- from when on it was so
  state TEXT NOT NULL,                -- down, no_model, loadable, loading, ready, needs_token, busy, wrong_server
  url TEXT NOT NULL,                  -- the server that counted
  kind TEXT,                          -- lm_studio, lm_studio_v0, ollama, llama_cpp, open_ai
  model TEXT,
  context_tokens INTEGER,             -- as it was loaded
  quantization TEXT,
  reason TEXT                         -- what was found, where the state alone does not say it
) STRICT;

-- The delegation (delegation:<uuid>) that a session was begun for: it is part of that task, and its cost is that task's.
ALTER TABLE orchestration_sessions ADD COLUMN parent_task TEXT;
