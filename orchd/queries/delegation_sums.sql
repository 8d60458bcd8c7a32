-- What do the delegations that match sum to? ?1 from and ?2 before (microseconds UTC); each null for all: ?3 project_id, ?4 session,
-- ?5 where it ran ('nobody' for those that nobody finished), ?6 outcome, ?7 reason; ?8 the reason of answers that
-- end at their token limit. One row.
SELECT count(*) AS tasks,
  count(*) FILTER (WHERE h.ran = 'local') AS local, count(*) FILTER (WHERE h.ran = 'claude') AS claude,
  count(*) FILTER (WHERE o.outcome = 'failed') AS failed, count(*) FILTER (WHERE o.outcome = 'cancelled') AS cancelled,
  coalesce(sum(h.input_tokens), 0) AS input_tokens, coalesce(sum(h.output_tokens), 0) AS output_tokens,
  coalesce(sum(h.reasoning_tokens), 0) AS reasoning_tokens,
  -- What Claude did not have to process: prompts and answers of those that ran here, to the end.
  coalesce(sum(h.input_tokens + h.output_tokens - h.reasoning_tokens) FILTER (WHERE h.ran = 'local' AND o.reason IS NOT ?8), 0)
    AS displaced_tokens,
  coalesce(sum(h.cost_nano_usd), 0) AS cost_nano_usd,
  coalesce(sum(h.saving_nano_usd), 0) AS saving_nano_usd,
  count(*) FILTER (WHERE h.ran = 'local' AND h.saving_nano_usd IS NULL) AS unknown_savings,
  coalesce(sum(h.local_ms), 0) AS local_ms,
  coalesce(sum(h.local_ms) FILTER (WHERE h.ran IS NOT 'local'), 0) AS overhead_ms
FROM handoff_events AS h JOIN task_outcomes AS o USING (task_id)
WHERE h.kind = 'delegation' AND h.decided_at >= ?1 AND h.decided_at < ?2 AND (?3 IS NULL OR h.project_id = ?3)
  AND (?4 IS NULL OR h.session_id = ?4) AND (?5 IS NULL OR coalesce(h.ran, 'nobody') = ?5) AND (?6 IS NULL OR o.outcome = ?6)
  AND (?7 IS NULL OR o.reason = ?7)
