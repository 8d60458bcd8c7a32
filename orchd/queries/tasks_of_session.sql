-- Which tasks had session ?1, or, where that is null, is task ?2, and what is written of them so far? By time.
SELECT h.task_id, h.kind, h.parent_task, h.tool_use_id, h.agent_id, h.decided_at, h.downshifted_to, h.settled_at, h.ran, h.model, h.requests,
  h.input_tokens, h.output_tokens, h.cache_read_input_tokens, h.cache_creation_input_tokens, h.cost_nano_usd, h.unknown_cost_requests,
  h.displaced_model, p.name AS price, h.displaced_cost_nano_usd, h.saving_nano_usd, o.outcome, o.reason, o.ended_at, o.duration_ms, o.label,
  o.evidence, o.quality_score, o.quality_parts, o.as_good, o.judged_by, o.feedback
FROM handoff_events AS h LEFT JOIN task_outcomes AS o USING (task_id) LEFT JOIN prices AS p ON p.price_id = h.displaced_price_id
WHERE h.handoff_seq IN (
  SELECT handoff_seq FROM handoff_events WHERE session_id = ?1 UNION ALL SELECT handoff_seq FROM handoff_events WHERE ?1 IS NULL AND task_id = ?2)
ORDER BY h.decided_at, h.handoff_seq
