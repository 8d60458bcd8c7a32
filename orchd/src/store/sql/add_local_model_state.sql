-- Writes a change of the local model. ?1 from when on, ?2 state, ?3 server, ?4 kind, ?5 model, ?6 its context, tokens, ?7 quantisation, ?8 reason.
INSERT INTO local_model_states (since_at, state, url, kind, model, context_tokens, quantization, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
