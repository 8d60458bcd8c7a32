-- A task and what was decided about it.
INSERT INTO handoff_events (task_id, kind, parent_task, session_id, tool_use_id, project_id, decided_at, policy, recommended_route,
  confidence, router_version, reasons, local_model_state, ran, endpoint, model, tries, local_ms, first_token_ms, tokens_per_second,
  input_tokens, output_tokens, reasoning_tokens, tokens_source, request_seq, cost_nano_usd, displaced_model, displaced_by,
  displaced_price_id, displaced_cost_nano_usd, saving_nano_usd, fallback_reason, task_preview, answer_preview, settled_at,
  as_good, as_good_logit, is_calibrated, change_size, task_type, task_type_confidence, suggested_agent, suggested_agent_confidence,
  estimated_tokens, expected_saving_nano_usd, expected_loss_nano_usd, local_model)
VALUES (?1, 'delegation', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
  ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?6,
  ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43, ?44, ?45)
