-- Which tasks of kind ?1 match, newest first? ?2 from and ?3 before (microseconds UTC); each null for all: ?4 project_id, ?5 recommended
-- route, ?6 where it ran ('nobody' for those of which nothing shows that they ran), ?7 label, ?8 1 for those that ran elsewhere than
-- recommended, 0 for the others; only those older than ?9, or as old with a smaller number than ?10; ?11 rows.
SELECT h.handoff_seq, h.task_id, h.kind, h.parent_task, h.session_id, h.prompt_id, h.agent_id, h.tool_use_id, d.dir, h.decided_at, h.policy,
  h.recommended_route, h.confidence, h.as_good, h.is_calibrated, h.router_version, h.reasons, h.change_size, h.task_type,
  h.task_type_confidence, h.suggested_agent, h.suggested_agent_confidence, h.used_agent, h.estimated_tokens, h.expected_saving_nano_usd,
  h.expected_loss_nano_usd, h.advised, h.downshifted_to, h.local_model_state, h.local_model, h.settled_at, h.ran, h.model, h.requests,
  h.input_tokens, h.output_tokens, h.cache_read_input_tokens, h.cache_creation_input_tokens, h.cost_nano_usd, h.unknown_cost_requests,
  h.saving_nano_usd, h.displaced_model, h.task_preview, o.outcome, o.reason, o.label, o.evidence, o.quality_score, o.quality_parts, o.feedback,
  o.as_good AS judged_as_good, o.judged_by, o.ended_at, o.duration_ms
FROM handoff_events AS h JOIN projects AS d ON d.project_id = h.project_id LEFT JOIN task_outcomes AS o USING (task_id)
WHERE h.kind = ?1 AND h.decided_at >= ?2 AND h.decided_at < ?3 AND (?4 IS NULL OR h.project_id = ?4)
  AND (?5 IS NULL OR h.recommended_route = ?5) AND (?6 IS NULL OR coalesce(h.ran, 'nobody') = ?6)
  AND (?7 IS NULL OR coalesce(o.label, 'unknown') = ?7) AND (?8 IS NULL OR coalesce(h.recommended_route <> h.ran, 0) = ?8)
  AND h.decided_at <= ?9 AND (h.decided_at < ?9 OR h.handoff_seq < ?10)
ORDER BY h.decided_at DESC, h.handoff_seq DESC
LIMIT ?11
