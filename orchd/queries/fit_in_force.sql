-- The fit in force of a local model (?1).
SELECT fit_id, model, weights, slope, intercept, projects, outcomes, guard, fitted_at
FROM router_fits
WHERE model = ?1 AND is_active = 1
