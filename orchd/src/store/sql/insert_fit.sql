-- A fit, in force from now on; the number it gets. ?1 local model, ?2 weights, ?3 slope, ?4 intercept, ?5 projects and ?7 guard (JSON),
-- ?6 outcomes, ?8 microseconds UTC, ?9 the fit that it replaces, null for none.
INSERT INTO router_fits (model, weights, slope, intercept, projects, outcomes, guard, fitted_at, replaces, is_active)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)
RETURNING fit_id
