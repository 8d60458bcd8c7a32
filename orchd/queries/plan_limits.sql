-- How much of the plan is used? A row per window: name, used in hundredths of a percent, when it starts anew, when that was told.
SELECT window, used_basis_points, resets_at, seen_at FROM plan_limits
