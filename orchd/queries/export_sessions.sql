-- Sessions by id, those that were imported alone too: the ?7 next ones behind ?1, each with whether it `matches`: active at or after
-- ?2 and before ?3 (microseconds UTC), and, null for all, of ?4 project_id, ?5 model, ?6 session. Sums are those of model ?5.
WITH ids AS (
  SELECT session_id FROM orchestration_sessions WHERE session_id > ?1
  UNION
  SELECT session_id FROM cost_session WHERE session_id > ?1
  ORDER BY session_id LIMIT ?7
), sums AS (
  SELECT i.session_id, min(c.project_id) AS project_id, min(c.first_at) AS first_at, max(c.last_at) AS last_at,
    coalesce(sum(c.requests), 0) AS requests, coalesce(sum(c.input_tokens), 0) AS input_tokens,
    coalesce(sum(c.output_tokens), 0) AS output_tokens,
    coalesce(sum(c.cache_creation_input_tokens), 0) AS cache_creation_input_tokens,
    coalesce(sum(c.cache_read_input_tokens), 0) AS cache_read_input_tokens,
    sum(c.cost_nano_usd) AS cost_nano_usd, coalesce(sum(c.unknown_cost_requests), 0) AS unknown_cost_requests
  FROM ids AS i LEFT JOIN cost_session AS c ON c.session_id = i.session_id AND (?5 IS NULL OR c.model = ?5)
  GROUP BY i.session_id
)
SELECT k.session_id, d.dir AS project_dir, s.label, s.title, s.model, s.entrypoint, s.state,
  min(coalesce(s.started_at, k.first_at), coalesce(k.first_at, s.started_at)) AS started_at,
  max(coalesce(s.last_event_at, k.last_at), coalesce(k.last_at, s.last_event_at)) AS last_event_at,
  s.ended_at, s.end_reason, s.prompts, s.tool_calls, s.tool_failures, s.agents, s.compactions, s.events,
  k.requests, k.input_tokens, k.output_tokens, k.cache_creation_input_tokens, k.cache_read_input_tokens,
  CASE WHEN k.unknown_cost_requests < k.requests THEN k.cost_nano_usd END AS cost_nano_usd, k.unknown_cost_requests,
  max(coalesce(s.last_event_at, k.last_at), coalesce(k.last_at, s.last_event_at)) >= ?2
    AND min(coalesce(s.started_at, k.first_at), coalesce(k.first_at, s.started_at)) < ?3
    AND (?4 IS NULL OR coalesce(s.project_id, k.project_id) = ?4) AND (?5 IS NULL OR k.requests > 0)
    AND (?6 IS NULL OR k.session_id = ?6) AS matches
FROM sums AS k LEFT JOIN orchestration_sessions AS s ON s.session_id = k.session_id
  LEFT JOIN projects AS d ON d.project_id = coalesce(s.project_id, k.project_id)
ORDER BY k.session_id
