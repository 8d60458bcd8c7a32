-- Puts the newest fit of a local model (?1) before another (?2) into force; its number.
UPDATE router_fits SET is_active = 1
WHERE fit_id = (SELECT max(fit_id) FROM router_fits WHERE model = ?1 AND fit_id < ?2)
RETURNING fit_id
