-- What the hook saw, folded into sessions, agents and tool calls. All *_at are microseconds since the epoch, UTC.

-- One row per project directory.
CREATE TABLE projects (
  project_id INTEGER PRIMARY KEY,
  dir TEXT NOT NULL UNIQUE,           -- CLAUDE_PROJECT_DIR, else cwd; '' when neither was given
  name TEXT NOT NULL,                 -- last part of dir
  first_seen_at INTEGER NOT NULL
) STRICT;

-- One row per hook event, append-only.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,            -- order of storing; the id of the SSE stream
  event_id TEXT NOT NULL UNIQUE,      -- UUID v7 made by the hook
  hook_event_name TEXT NOT NULL,
  session_id TEXT NOT NULL,
  project_id INTEGER NOT NULL REFERENCES projects (project_id),
  prompt_id TEXT,
  tool_use_id TEXT,
  tool_name TEXT,
  agent_id TEXT,
  agent_type TEXT,
  occurred_at INTEGER NOT NULL,       -- the hook's clock
  received_at INTEGER NOT NULL,       -- the daemon's clock
  duration_ms INTEGER,                -- as the client measured the tool
  failed INTEGER NOT NULL,            -- 1: the event reports a failure
  summary TEXT,                       -- one line, at most 200 characters, redacted
  flags INTEGER NOT NULL,             -- bits of shared::payload::Flags; 65536: not typed, a background task reports
  body_bytes INTEGER NOT NULL,        -- size of the payload as the client sent it
  once INTEGER                        -- 1: of this tool call no second event of this name exists; null: it may come again
) STRICT;
-- Finds a session's events, a tool call's, and through call_id a session's calls: the one index that each event writes to a place of
-- its own. A tool event happens once: a second delivery under another event id is a duplicate.
CREATE UNIQUE INDEX events_by_session ON events (session_id, tool_use_id, hook_event_name, once);

-- The redacted payload of an event; absent for projects recorded as metadata only.
CREATE TABLE event_bodies (
  seq INTEGER PRIMARY KEY REFERENCES events (seq),
  encoding INTEGER NOT NULL,          -- 0 as it is, 1 zstd, 2 lz4 block behind its size
  body BLOB NOT NULL
) STRICT;

-- One row per session. The *_at columns are maxima, so the order of arrival does not matter; state is computed from them.
-- parent_task (delegation:<uuid>) is the delegation that the session was begun for: it is part of that task, and its cost is that task's.
CREATE TABLE orchestration_sessions (
  session_id TEXT PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects (project_id),
  label TEXT,                         -- the user's own name for it
  pinned INTEGER NOT NULL DEFAULT 0,
  title TEXT,                         -- session_title, else the first prompt's start
  model TEXT,                         -- last model the client named
  permission_mode TEXT,
  entrypoint TEXT,
  transcript_path TEXT,
  client_pid INTEGER,
  client_start_us INTEGER,          -- its start, microseconds since the system's boot: tells a reused pid apart
  started_at INTEGER NOT NULL,        -- first event
  last_event_at INTEGER NOT NULL,
  active_minute INTEGER NOT NULL,     -- last_event_at / 60000000: an index that is written once a minute, not with each event
  opened_at INTEGER,                  -- last SessionStart; the one after a compaction does not count
  prompt_at INTEGER,                  -- last UserPromptSubmit
  stopped_at INTEGER,                 -- last Stop or StopFailure, or a notification that the client is idle
  ended_at INTEGER,                   -- last SessionEnd
  lost_at INTEGER,                    -- the client process was found gone
  asked_at INTEGER,                   -- last question to the user that belongs to no tool call (elicitation)
  end_reason TEXT,
  state TEXT NOT NULL,                -- working, waiting, idle, ended, lost
  state_since_at INTEGER NOT NULL,
  waiting_for TEXT,                   -- what is asked, when waiting
  prompts INTEGER NOT NULL DEFAULT 0, -- typed by the user; task notifications do not count
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tool_failures INTEGER NOT NULL DEFAULT 0,
  agents INTEGER NOT NULL DEFAULT 0,
  compactions INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0
, parent_task TEXT) STRICT;
CREATE INDEX sessions_by_last_event ON orchestration_sessions (active_minute);
-- By state alone: an event that leaves the state as it is leaves this index as it is.
CREATE INDEX sessions_live ON orchestration_sessions (state) WHERE state IN ('working', 'waiting', 'idle');
CREATE INDEX sessions_pinned ON orchestration_sessions (active_minute) WHERE pinned = 1;

-- One row per tool call, opened by PreToolUse and closed by its Post event or by what proves that none will come.
CREATE TABLE tool_calls (
  call_id INTEGER PRIMARY KEY,        -- events.seq of the first event of it that came: rows are appended
  session_id TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  tool_name TEXT NOT NULL,
  agent_id TEXT,                      -- the subagent that called it; null for the main thread
  prompt_id TEXT,
  summary TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  duration_ms INTEGER,                -- the client's measure; null where it gave none
  permission_asked_at INTEGER,
  status TEXT NOT NULL,               -- open, ok, failed, denied, interrupted, lost
  start_seq INTEGER,                  -- events.seq of PreToolUse
  end_seq INTEGER                     -- events.seq of the Post event
) STRICT;
-- What runs now: few rows, so that few pages of it are ever touched.
CREATE INDEX tool_calls_open ON tool_calls (session_id) WHERE status = 'open';

-- One row per subagent run: its lifecycle. Tokens, cost and success join with later issues.
CREATE TABLE subagent_invocations (
  session_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  tool_use_id TEXT,                   -- the Agent call that started it
  tool_use_certain INTEGER NOT NULL DEFAULT 0, -- 1: the client named the pair; 0: matched by type and time
  parent_agent_id TEXT,
  prompt_id TEXT,
  mode TEXT NOT NULL,                 -- foreground, background, unknown
  description TEXT,
  requested_model TEXT,
  resolved_model TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  status TEXT NOT NULL,               -- running, completed, failed, interrupted, lost
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tool_failures INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (session_id, agent_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agents_by_start ON subagent_invocations (started_at);

-- Events per 15 minutes, by project, event and tool.
CREATE TABLE activity_15m (
  bucket_at INTEGER NOT NULL,         -- start of the quarter of an hour
  project_id INTEGER NOT NULL,
  hook_event_name TEXT NOT NULL,
  tool_name TEXT NOT NULL,            -- '' where there is none
  events INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,          -- largest events.seq of these: where a search of a range of time begins
  PRIMARY KEY (bucket_at, project_id, hook_event_name, tool_name)
) STRICT, WITHOUT ROWID;

-- The same per day of the configured zone; rebuilt from activity_15m when the zone changes.
CREATE TABLE activity_day (
  day TEXT NOT NULL,                  -- YYYY-MM-DD in settings.timezone
  project_id INTEGER NOT NULL,
  hook_event_name TEXT NOT NULL,
  tool_name TEXT NOT NULL,
  events INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  PRIMARY KEY (day, project_id, hook_event_name, tool_name)
) STRICT, WITHOUT ROWID;

-- How long tools took, as a log-linear histogram (4 bins per power of two) of milliseconds, per 15 minutes.
CREATE TABLE tool_duration_15m (
  bucket_at INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  tool_name TEXT NOT NULL,
  bin INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (bucket_at, project_id, tool_name, bin)
) STRICT, WITHOUT ROWID;

-- The tool's own speed: log-linear histograms of microseconds per 15 minutes.
CREATE TABLE performance_metrics (
  metric TEXT NOT NULL,               -- hook_latency, ingest_lag, commit, query, http
  bucket_at INTEGER NOT NULL,
  bin INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  PRIMARY KEY (metric, bucket_at, bin)
) STRICT, WITHOUT ROWID;

-- What became of events that were not stored: duplicate, rejected, dropped. Those that were count themselves: stored = max(events.seq),
-- and received is the sum of all four.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the store must remember about itself: timezone of activity_day, paused (1 or 0), dropped_at (when a full spool last dropped events).
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The ledger: what each request to the API used and costs. Money in nano-dollars (1e-9 USD), null where no price is known.

-- The price rows that requests were priced by.
CREATE TABLE prices (
  price_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE           -- table, model and day from which it holds
) STRICT;

-- One row per request, from whichever sources tell of it: most output wins. Kept when the client deletes its transcripts.
-- What a local model used stands here too, with the source local.
CREATE TABLE api_requests (
  request_seq INTEGER PRIMARY KEY,
  message_id TEXT,                    -- id of the response; null where only telemetry told of it
  request_id TEXT,                    -- the provider's; null behind some gateways
  session_id TEXT NOT NULL,           -- who asked; a fork that repeats the row does not own it
  agent_id TEXT,                      -- null for the main thread
  agent_type TEXT,
  prompt_id TEXT,
  project_id INTEGER NOT NULL REFERENCES projects (project_id),
  model TEXT NOT NULL,                -- as the source names it
  requested_at INTEGER NOT NULL,      -- when the response was written down, microseconds UTC
  input_tokens INTEGER NOT NULL,      -- read anew
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,    -- for five minutes and for an hour
  cache_creation_1h_input_tokens INTEGER NOT NULL, -- of them for an hour
  web_searches INTEGER NOT NULL,
  flags INTEGER NOT NULL,             -- 1 fast mode, 2 batch, 4 served in the US on demand, 8 cut: a lower bound
  source TEXT NOT NULL,               -- transcript, telemetry
  price_id INTEGER REFERENCES prices (price_id),
  cost_nano_usd INTEGER
) STRICT;
-- Whole ids: some gateways give all of theirs the same end.
CREATE INDEX api_requests_by_message ON api_requests (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX api_requests_by_request ON api_requests (request_id) WHERE request_id IS NOT NULL;
-- What no transcript told of yet, which few rows are; of some gateways all requests have the same id.
CREATE INDEX api_requests_unmatched ON api_requests (request_id) WHERE message_id IS NULL;
-- Random in every id of a session that the client gives, whereas ids of one minute may begin alike.
CREATE INDEX api_requests_by_session ON api_requests (substr(session_id, -8));
CREATE INDEX api_requests_by_time ON api_requests (requested_at);

-- What was used and spent per 15 minutes.
CREATE TABLE cost_metrics (
  bucket_at INTEGER NOT NULL,         -- start of the quarter of an hour
  project_id INTEGER NOT NULL,
  model TEXT NOT NULL,
  agent_type TEXT NOT NULL,           -- '' for the main thread
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,     -- of the requests whose cost is known
  unknown_cost_requests INTEGER NOT NULL,
  PRIMARY KEY (bucket_at, project_id, model, agent_type)
) STRICT, WITHOUT ROWID;

-- The same per day of the configured zone; rebuilt from cost_metrics when the zone changes.
CREATE TABLE cost_day (
  day TEXT NOT NULL,                  -- YYYY-MM-DD in settings.timezone
  project_id INTEGER NOT NULL,
  model TEXT NOT NULL,
  agent_type TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  unknown_cost_requests INTEGER NOT NULL,
  PRIMARY KEY (day, project_id, model, agent_type)
) STRICT, WITHOUT ROWID;

-- Of cost_day all that a day has, whichever project, model and agent.
CREATE TABLE cost_day_total (
  day TEXT PRIMARY KEY,               -- YYYY-MM-DD in settings.timezone
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  unknown_cost_requests INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The same per session, all time. A session whose user changes to another folder has requests in several projects.
CREATE TABLE cost_session (
  session_id TEXT NOT NULL,
  model TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  agent_type TEXT NOT NULL,           -- '' for the main thread
  first_at INTEGER NOT NULL,          -- oldest request
  last_at INTEGER NOT NULL,           -- newest request
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  unknown_cost_requests INTEGER NOT NULL,
  PRIMARY KEY (session_id, model, project_id, agent_type)
) STRICT, WITHOUT ROWID;

-- How far each transcript was read, so that nothing is read twice and what is appended is.
CREATE TABLE transcript_files (
  path TEXT PRIMARY KEY,
  file_id TEXT NOT NULL,              -- tells a file that replaced it apart: device and inode, '' where there are none
  read_bytes INTEGER NOT NULL,        -- whole lines of it that are in the ledger
  modified_at INTEGER NOT NULL,       -- its time of change when it was read
  prompt_id TEXT,                     -- the prompt that the next line serves
  skipped_lines INTEGER NOT NULL      -- lines that could not be read
) STRICT, WITHOUT ROWID;

-- How much of the user's plan is used, as the client last told its status line.
CREATE TABLE plan_limits (
  window TEXT PRIMARY KEY,            -- five_hour, seven_day
  used_basis_points INTEGER NOT NULL, -- hundredths of a percent
  resets_at INTEGER,                  -- when it starts anew; null where the client did not say
  seen_at INTEGER NOT NULL            -- when the client told it
) STRICT, WITHOUT ROWID;

-- What the client itself counted for a session, over all its processes: its last word. A fork's begins with its parent's, so it is
-- compared and never summed.
CREATE TABLE client_costs (
  session_id TEXT NOT NULL,
  model TEXT NOT NULL,                -- as the client names it
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER,              -- null where the client knows no price of some model of the session
  PRIMARY KEY (session_id, model)
) STRICT, WITHOUT ROWID;

-- Which sessions begin with requests of others.
CREATE TABLE session_forks (
  session_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,            -- the session that asked; a fork of a fork has several
  PRIMARY KEY (session_id, parent_id)
) STRICT, WITHOUT ROWID;

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
