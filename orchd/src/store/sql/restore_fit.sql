-- Puts the fit that another (?1) replaced into force; its number. None where that was the first.
UPDATE router_fits SET is_active = 1
WHERE fit_id = (SELECT replaces FROM router_fits WHERE fit_id = ?1)
RETURNING fit_id
