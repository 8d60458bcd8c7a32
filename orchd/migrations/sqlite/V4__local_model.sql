-- The local model: how it was, what was handed to it, and which sessions do its work in its place.

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

-- One row per task: what was decided about it and what came of that. So far the delegations to the local model.
CREATE TABLE handoff_events (
  handoff_seq INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL UNIQUE,       -- delegation:<uuid>
  kind TEXT NOT NULL,                 -- delegation
  parent_task TEXT,                   -- the task on behalf of which this one was done
  session_id TEXT,                    -- the session that asked; null where none did
  tool_use_id TEXT,                   -- its tool call, where it was one
  project_id INTEGER NOT NULL REFERENCES projects (project_id),
  decided_at INTEGER NOT NULL,
  policy TEXT NOT NULL,               -- how it came to be handed over: command, mcp
  recommended_route TEXT,             -- local, claude; null where no router was asked
  confidence REAL,
  router_version TEXT,
  reasons TEXT NOT NULL,              -- a JSON array
  local_model_state TEXT,             -- at that moment; null where nobody looked
  ran TEXT,                           -- local, claude; null where nobody finished it
  endpoint TEXT,
  model TEXT,                         -- the local one
  tries INTEGER NOT NULL,
  local_ms INTEGER NOT NULL,          -- time that went into the local model; overhead where another did the work
  first_token_ms REAL,
  tokens_per_second REAL,
  input_tokens INTEGER,               -- null where no answer came
  output_tokens INTEGER,              -- reasoning and answer
  reasoning_tokens INTEGER,           -- of them the reasoning
  tokens_source TEXT,                 -- who counted: server, counted (by us), estimated
  request_seq INTEGER,                -- its row in api_requests; null where the model used nothing that was counted
  cost_nano_usd INTEGER,              -- of that row
  displaced_model TEXT,               -- which would have done it; null where that is not known or nothing was displaced
  displaced_by TEXT,                  -- why that one: setting, most_used
  displaced_price_id INTEGER REFERENCES prices (price_id),
  displaced_cost_nano_usd INTEGER,    -- what it would have cost there
  saving_nano_usd INTEGER,            -- that, less its own cost; null where it is not known or nothing was saved
  fallback_reason TEXT,               -- why Claude did it
  task_preview TEXT,                  -- redacted, at most 500 characters
  answer_preview TEXT                 -- redacted, at most 2,000 characters
) STRICT;
CREATE INDEX handoff_events_by_time ON handoff_events (kind, decided_at);

-- How each task ended.
CREATE TABLE task_outcomes (
  task_id TEXT PRIMARY KEY REFERENCES handoff_events (task_id),
  outcome TEXT NOT NULL,              -- completed, fell_back, failed, cancelled
  reason TEXT,                        -- why, where it was not completed
  ended_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  as_good INTEGER,                    -- 1: as good as the other model's, 0: worse; null as long as nobody judged
  judged_by TEXT,
  judged_at INTEGER
) STRICT, WITHOUT ROWID;
