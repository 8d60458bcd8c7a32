-- Writes a limit of the plan. ?1 window, ?2 used, hundredths of a percent, ?3 when it starts anew, ?4 when the client told it.
INSERT INTO plan_limits (window, used_basis_points, resets_at, seen_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (window) DO UPDATE SET
  used_basis_points = excluded.used_basis_points, resets_at = excluded.resets_at, seen_at = excluded.seen_at
