-- A task as it begins, and what was decided about it. One that is known stays as it is.
INSERT INTO handoff_events (task_id, kind, parent_task, session_id, tool_use_id, prompt_id, project_id, decided_at, policy, recommended_route,
  confidence, as_good, as_good_logit, is_calibrated, router_version, reasons, change_size, task_type, task_type_confidence,
  suggested_agent, suggested_agent_confidence, used_agent, estimated_tokens, expected_saving_nano_usd, expected_loss_nano_usd, advised,
  downshifted_to, local_model_state, local_model, tries, local_ms, task_preview)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
  ?28, ?29, 0, 0, ?30)
ON CONFLICT (task_id) DO NOTHING
