-- Takes the fit of a local model (?1) out of force, and keeps it; the number of the one it was.
UPDATE router_fits SET is_active = 0 WHERE model = ?1 AND is_active = 1
RETURNING fit_id
