-- Rollups for two questions that took long: what each type of agent cost by session, and what all cost by day; and indexes that
-- take no longer where ids are alike.

DROP TABLE cost_session;
-- What was used and spent per session, all time. A session whose user changes to another folder has requests in several projects.
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
INSERT INTO cost_session
SELECT session_id, model, project_id, coalesce(agent_type, ''), min(requested_at), max(requested_at), count(*), sum(input_tokens),
  sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens), coalesce(sum(cost_nano_usd), 0),
  sum(cost_nano_usd IS NULL)
FROM api_requests
GROUP BY 1, 2, 3, 4;

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
INSERT INTO cost_day_total
SELECT day, sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read_input_tokens), sum(cache_creation_input_tokens),
  sum(cost_nano_usd), sum(unknown_cost_requests)
FROM cost_day
GROUP BY day;

DROP INDEX api_requests_by_message;
DROP INDEX api_requests_by_request;
DROP INDEX api_requests_by_session;
-- Whole ids: some gateways give all of theirs the same end.
CREATE INDEX api_requests_by_message ON api_requests (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX api_requests_by_request ON api_requests (request_id) WHERE request_id IS NOT NULL;
-- What no transcript told of yet, which few rows are; of some gateways all requests have the same id.
CREATE INDEX api_requests_unmatched ON api_requests (request_id) WHERE message_id IS NULL;
-- Random in every id of a session that the client gives, whereas ids of one minute may begin alike.
CREATE INDEX api_requests_by_session ON api_requests (substr(session_id, -8));

-- What no transcript told of has the usage that telemetry told.
UPDATE api_requests SET flags = flags | 16 WHERE message_id IS NULL;
