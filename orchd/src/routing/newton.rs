//! Finds the lowest point of a smooth convex function of few numbers: Newton's steps, each halved until it falls.

/// Steps at most; from anywhere a dozen do.
const STEPS: usize = 60;
/// Halvings of a step before the search is over.
const HALVINGS: usize = 40;
/// A step that promises less than this is not taken.
const LEAST: f64 = 1e-12;

/// The slope and the curvature of a function at a point.
#[derive(Debug, Clone)]
pub struct Curvature {
    slope: Vec<f64>,
    /// Row by row.
    matrix: Vec<f64>,
}

impl Curvature {
    fn new(places: usize) -> Self {
        Self { slope: vec![0.0; places], matrix: vec![0.0; places * places] }
    }

    /// Adds to the derivative by one number.
    pub fn add_to_slope(&mut self, place: usize, value: f64) {
        self.slope[place] += value;
    }

    /// Adds to the second derivative by two numbers.
    pub fn add(&mut self, place: usize, other: usize, value: f64) {
        let places = self.slope.len();
        self.matrix[place * places + other] += value;
    }

    /// Returns the step to where slope and curvature promise the lowest point; None where the curvature is none.
    fn step(&self) -> Option<Vec<f64>> {
        let places = self.slope.len();
        // Cholesky: the matrix as a lower triangle times itself turned.
        let mut lower = vec![0.0; places * places];
        for row in 0..places {
            for column in 0..=row {
                let done: f64 = (0..column).map(|k| lower[row * places + k] * lower[column * places + k]).sum();
                let rest = self.matrix[row * places + column] - done;
                lower[row * places + column] = if row == column {
                    if !(rest > 0.0 && rest.is_finite()) {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[column * places + column]
                };
            }
        }
        let mut step: Vec<f64> = self.slope.iter().map(|slope| -slope).collect();
        for row in 0..places {
            let done: f64 = (0..row).map(|k| lower[row * places + k] * step[k]).sum();
            step[row] = (step[row] - done) / lower[row * places + row];
        }
        for row in (0..places).rev() {
            let done: f64 = (row + 1..places).map(|k| lower[k * places + row] * step[k]).sum();
            step[row] = (step[row] - done) / lower[row * places + row];
        }
        Some(step)
    }
}

/// Moves `at` to where `value` is lowest. It returns the value there and adds up slope and curvature. The same input gives the same bits.
pub fn minimise(at: &mut Vec<f64>, mut value: impl FnMut(&[f64], &mut Curvature) -> f64) {
    let mut curvature = Curvature::new(at.len());
    let mut now = value(at, &mut curvature);
    for _ in 0..STEPS {
        let Some(step) = curvature.step() else { return };
        let promised: f64 = -step.iter().zip(&curvature.slope).map(|(step, slope)| step * slope).sum::<f64>();
        if !promised.is_finite() || promised < LEAST {
            return;
        }
        let mut length = 1.0;
        let found = (0..HALVINGS).find_map(|_| {
            let there: Vec<f64> = at.iter().zip(&step).map(|(at, step)| at + length * step).collect();
            let mut curvature = Curvature::new(there.len());
            let value = value(&there, &mut curvature);
            length /= 2.0;
            (value < now).then_some((there, value, curvature))
        });
        let Some((there, value, around)) = found else { return };
        (*at, now, curvature) = (there, value, around);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bowl_has_its_lowest_point_where_it_is() {
        let mut at = vec![9.0, -9.0];
        minimise(&mut at, |at, curvature| {
            let [x, y] = [at[0] - 1.0, at[1] + 2.0];
            curvature.add_to_slope(0, 4.0 * x * x * x + y);
            curvature.add_to_slope(1, x + 2.0 * y);
            curvature.add(0, 0, 12.0 * x * x + 1.0);
            curvature.add(0, 1, 1.0);
            curvature.add(1, 0, 1.0);
            curvature.add(1, 1, 2.0);
            x * x * x * x + x * y + y * y
        });
        // Off the middle the product pulls: 4 x^3 = -y and x = -2 y, so x is half the root of a half.
        let x = 0.125_f64.sqrt();
        assert!(((at[0] - 1.0).abs() - x).abs() < 1e-3 && (at[1] + 2.0 + (at[0] - 1.0) / 2.0).abs() < 1e-3, "{at:?}");
    }

    #[test]
    fn flat_ground_is_left_as_it_is() {
        let mut at = vec![3.0];
        minimise(&mut at, |_, _| 0.0);
        assert_eq!(at, [3.0]);
    }
}
