-- The router: what was decided about prompts and subagents' calls, how each task came out, and what was fitted to that. Both tables of
-- tasks are made anew around their new columns.

CREATE TEMP TABLE old_handoffs AS SELECT * FROM handoff_events;
CREATE TEMP TABLE old_outcomes AS SELECT * FROM task_outcomes;
DROP TABLE task_outcomes;
DROP TABLE handoff_events;

-- One row per task: what was decided about it, where it ran and what that took. A prompt (prompt:<prompt_id>), a subagent's run
-- (agent:<tool_use_id>) or a delegation to the local model (delegation:<uuid>).
CREATE TABLE handoff_events (
  handoff_seq INTEGER PRIMARY KEY,
  task_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,                 -- prompt, agent, delegation
  parent_task TEXT,                   -- the task on behalf of which this one was done
  session_id TEXT,                    -- the session that asked; null where none did
  tool_use_id TEXT,                   -- its tool call, where it was one
  prompt_id TEXT,                     -- the prompt that it is, or belongs to
  agent_id TEXT,                      -- the subagent that ran it; null until it is known
  project_id INTEGER NOT NULL REFERENCES projects (project_id),
  decided_at INTEGER NOT NULL,
  policy TEXT NOT NULL,               -- what was done with the decision: observe, advise, downshift; or how it came to be handed over: command, mcp
  recommended_route TEXT,             -- local, claude; null where no router was asked
  confidence REAL,                    -- that the route is the right one; null by the keyword rule
  as_good REAL,                       -- probability that the local model's answer is as good, by the fit then in force
  as_good_logit REAL,                 -- its log odds before any fit to the user's outcomes
  is_calibrated INTEGER,              -- 1: as_good was fitted to outcomes of this local model
  router_version TEXT,
  reasons TEXT NOT NULL,              -- a JSON array
  change_size TEXT,                   -- small, medium, large
  task_type TEXT,
  task_type_confidence REAL,
  suggested_agent TEXT,               -- the subagent that the task is for, by its words
  suggested_agent_confidence REAL,
  used_agent TEXT,                    -- the subagent that was called
  estimated_tokens INTEGER,
  expected_saving_nano_usd INTEGER,
  expected_loss_nano_usd INTEGER,
  advised INTEGER,                    -- 1: Claude was told of the local model
  downshifted_to TEXT,                -- the cheaper model that a subagent's call was given
  local_model_state TEXT,             -- at that moment; null where nobody looked
  local_model TEXT,                   -- which it was at that moment
  settled_at INTEGER,                 -- from when on nothing more was to come of it; null while it runs
  ran TEXT,                           -- local, claude; null where nobody finished it
  endpoint TEXT,
  model TEXT,                         -- that did it; of several the one that wrote most
  tries INTEGER NOT NULL,
  local_ms INTEGER NOT NULL,          -- time that went into the local model; overhead where another did the work
  first_token_ms REAL,
  tokens_per_second REAL,
  requests INTEGER,                   -- of a prompt those of its main thread, of a subagent its own; null for delegations
  input_tokens INTEGER,               -- null where no answer came
  output_tokens INTEGER,              -- reasoning and answer
  reasoning_tokens INTEGER,           -- of them the reasoning
  cache_read_input_tokens INTEGER,
  cache_creation_input_tokens INTEGER,
  tokens_source TEXT,                 -- who counted: server, counted (by us), estimated; ledger
  request_seq INTEGER,                -- a delegation's row in api_requests; null where the model used nothing that was counted
  cost_nano_usd INTEGER,              -- of those requests whose price is known; null where none is
  unknown_cost_requests INTEGER,
  displaced_model TEXT,               -- which would have done it; null where that is not known or nothing was displaced
  displaced_by TEXT,                  -- why that one: setting, most_used, session
  displaced_price_id INTEGER REFERENCES prices (price_id),
  displaced_cost_nano_usd INTEGER,    -- what it would have cost there
  saving_nano_usd INTEGER,            -- that, less its own cost; null where it is not known or nothing was saved
  fallback_reason TEXT,               -- why Claude did it
  task_preview TEXT,                  -- redacted, at most 500 characters
  answer_preview TEXT                 -- redacted, at most 2,000 characters
) STRICT;
CREATE INDEX handoff_events_by_time ON handoff_events (kind, decided_at);
CREATE INDEX handoff_events_by_session ON handoff_events (session_id, decided_at);
-- What still runs, or was not looked at yet: few rows.
CREATE INDEX handoff_events_open ON handoff_events (session_id) WHERE settled_at IS NULL;

-- How each task ended, and how it came out as far as that shows.
CREATE TABLE task_outcomes (
  task_id TEXT PRIMARY KEY REFERENCES handoff_events (task_id),
  outcome TEXT NOT NULL,              -- completed, fell_back, failed, cancelled; running where the user judged it before its end
  reason TEXT,                        -- why, where it was not completed
  ended_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  label TEXT NOT NULL,                -- success, failure, unknown
  evidence TEXT NOT NULL,             -- a JSON array of what the label rests on
  quality_score REAL,                 -- 0 to 1; null where nothing speaks for or against it
  quality_parts TEXT NOT NULL,        -- a JSON object: each part's value and weight
  feedback TEXT,                      -- good, bad: the user's own word
  feedback_at INTEGER,
  as_good INTEGER,                    -- 1: the local model's was, or would have been, as good as Claude's; 0: worse; null as long as nobody knows
  judged_by TEXT,                     -- by whose word: user, outcome
  judged_at INTEGER
) STRICT, WITHOUT ROWID;
-- What a fit goes by: few tasks are judged.
CREATE INDEX task_outcomes_judged ON task_outcomes (judged_at) WHERE as_good IS NOT NULL;

INSERT INTO handoff_events (handoff_seq, task_id, kind, parent_task, session_id, tool_use_id, project_id, decided_at, policy, recommended_route,
  confidence, router_version, reasons, local_model_state, ran, endpoint, model, tries, local_ms, first_token_ms,
  tokens_per_second, input_tokens, output_tokens, reasoning_tokens, tokens_source, request_seq, cost_nano_usd,
  displaced_model, displaced_by, displaced_price_id, displaced_cost_nano_usd, saving_nano_usd, fallback_reason,
  task_preview, answer_preview, settled_at)
SELECT handoff_seq, task_id, kind, parent_task, session_id, tool_use_id, project_id, decided_at, policy, recommended_route,
  confidence, router_version, reasons, local_model_state, ran, endpoint, model, tries, local_ms, first_token_ms,
  tokens_per_second, input_tokens, output_tokens, reasoning_tokens, tokens_source, request_seq, cost_nano_usd,
  displaced_model, displaced_by, displaced_price_id, displaced_cost_nano_usd, saving_nano_usd, fallback_reason,
  task_preview, answer_preview, decided_at FROM old_handoffs;
-- That a task ran here says nothing yet of how good the answer was.
INSERT INTO task_outcomes (task_id, outcome, reason, ended_at, duration_ms, label, evidence, quality_parts, as_good, judged_by, judged_at)
SELECT task_id, outcome, reason, ended_at, duration_ms, iif(outcome IN ('failed', 'fell_back'), 'failure', 'unknown'), '[]', '{}', as_good, judged_by,
  judged_at FROM old_outcomes;
DROP TABLE old_outcomes;
DROP TABLE old_handoffs;

-- What was fitted to the user's outcomes, one row per fit; earlier ones are kept.
CREATE TABLE router_fits (
  fit_id INTEGER PRIMARY KEY,
  model TEXT NOT NULL,                -- the local model
  weights TEXT NOT NULL,              -- version of the weights that it was fitted on top of
  slope REAL NOT NULL,                -- of the log odds
  intercept REAL NOT NULL,
  projects TEXT NOT NULL,             -- a JSON array of [folder, offset]
  outcomes INTEGER NOT NULL,          -- how many it rests on
  guard TEXT NOT NULL,                -- a JSON object: how it did on held-back outcomes, beside the fit before
  fitted_at INTEGER NOT NULL,
  replaces INTEGER REFERENCES router_fits (fit_id), -- the one that was in force before; null where none was
  is_active INTEGER NOT NULL          -- 1: decisions go by it
) STRICT;
CREATE UNIQUE INDEX router_fits_active ON router_fits (model) WHERE is_active = 1;
