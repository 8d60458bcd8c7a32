-- The ledger: what each request to the API used and costs. Money in nano-dollars (1e-9 USD), null where no price is known.

-- The price rows that requests were priced by.
CREATE TABLE prices (
  price_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE           -- table, model and day from which it holds
) STRICT;

-- One row per request, from whichever sources tell of it: most output wins. Kept when the client deletes its transcripts.
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
-- The ends of the ids tell rows apart as well as the whole ids, in a third of the space.
CREATE INDEX api_requests_by_message ON api_requests (substr(message_id, -8)) WHERE message_id IS NOT NULL;
CREATE INDEX api_requests_by_request ON api_requests (substr(request_id, -8)) WHERE request_id IS NOT NULL;
CREATE INDEX api_requests_by_session ON api_requests (substr(session_id, 1, 8));
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

-- The same per session, all time. A session whose user changes to another folder has requests in several projects.
CREATE TABLE cost_session (
  session_id TEXT NOT NULL,
  model TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  first_at INTEGER NOT NULL,          -- oldest request
  last_at INTEGER NOT NULL,           -- newest request
  requests INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_input_tokens INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL,
  unknown_cost_requests INTEGER NOT NULL,
  PRIMARY KEY (session_id, model, project_id)
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
