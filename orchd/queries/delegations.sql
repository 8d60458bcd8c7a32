-- Which delegations match, newest first? ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 session,
-- ?5 where it ran ('nobody' for those that nobody finished), ?6 outcome, ?7 reason; only those older than ?8, or as old with a smaller
-- number than ?9; ?10 rows.
SELECT h.handoff_seq, h.task_id, h.parent_task, h.session_id, h.tool_use_id, d.dir, h.decided_at, h.policy, h.recommended_route,
  h.confidence, h.router_version, h.reasons, h.local_model_state, h.ran, h.endpoint, h.model, h.tries, h.local_ms, h.first_token_ms,
  h.tokens_per_second, h.input_tokens, h.output_tokens, h.reasoning_tokens, h.tokens_source, h.request_seq, h.cost_nano_usd,
  own.name AS cost_price, h.displaced_model, h.displaced_by, listed.name AS displaced_price, h.displaced_cost_nano_usd,
  h.saving_nano_usd, h.fallback_reason, h.task_preview, h.answer_preview, o.outcome, o.reason, o.ended_at, o.duration_ms
FROM handoff_events AS h JOIN task_outcomes AS o USING (task_id) JOIN projects AS d ON d.project_id = h.project_id
  LEFT JOIN api_requests AS r ON r.request_seq = h.request_seq LEFT JOIN prices AS own ON own.price_id = r.price_id
  LEFT JOIN prices AS listed ON listed.price_id = h.displaced_price_id
WHERE h.kind = 'delegation' AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
  AND (?4 IS NULL OR h.session_id = ?4) AND (?5 IS NULL OR coalesce(h.ran, 'nobody') = ?5) AND (?6 IS NULL OR o.outcome = ?6)
  AND (?7 IS NULL OR o.reason = ?7)
  AND h.decided_at <= ?8 AND (h.decided_at < ?8 OR h.handoff_seq < ?9)
ORDER BY h.decided_at DESC, h.handoff_seq DESC
LIMIT ?10
