//! Finds the lowest point of a smooth function: L-BFGS with a backtracking line search.

use std::collections::VecDeque;

/// Steps remembered.
const MEMORY: usize = 10;
/// A step is taken when it falls by this part of what the slope promises.
const ARMIJO: f64 = 1e-4;
/// Halvings of a step before the search is over.
const HALVINGS: usize = 30;

struct Step {
    moved: Vec<f64>,
    turned: Vec<f64>,
    scale: f64,
}

/// Moves `at` to where `value_and_slope` is lowest. It returns the value and writes the gradient.
///
/// Ends when the value falls by less than `tolerance` of itself, or after `rounds`. The same input gives the same bits.
pub fn minimise(
    at: &mut Vec<f64>,
    rounds: usize,
    tolerance: f64,
    mut value_and_slope: impl FnMut(&[f64], &mut [f64]) -> f64,
) {
    let mut slope = vec![0.0; at.len()];
    let mut value = value_and_slope(at, &mut slope);
    let mut steps: VecDeque<Step> = VecDeque::with_capacity(MEMORY);
    for _ in 0..rounds {
        let mut direction = direction(&slope, &steps);
        let mut promise = dot(&direction, &slope);
        if promise >= 0.0 {
            // What was remembered misleads: straight down.
            steps.clear();
            direction = slope.iter().map(|slope| -slope).collect();
            promise = dot(&direction, &slope);
        }
        let mut length = if steps.is_empty() { 1.0 / norm(&slope).max(1.0) } else { 1.0 };
        let mut there = vec![0.0; at.len()];
        let mut slope_there = vec![0.0; at.len()];
        let mut value_there = f64::INFINITY;
        for _ in 0..HALVINGS {
            for ((there, at), direction) in there.iter_mut().zip(at.iter()).zip(&direction) {
                *there = at + length * direction;
            }
            value_there = value_and_slope(&there, &mut slope_there);
            if value_there <= value + ARMIJO * length * promise {
                break;
            }
            length /= 2.0;
        }
        if value_there >= value {
            return;
        }
        remember(&mut steps, at, &there, &slope, &slope_there);
        let fell = value - value_there;
        (*at, slope, value) = (there, slope_there, value_there);
        if fell <= tolerance * value.abs() {
            return;
        }
    }
}

fn remember(steps: &mut VecDeque<Step>, from: &[f64], to: &[f64], slope_from: &[f64], slope_to: &[f64]) {
    let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
    let (moved, turned) = (difference(to, from), difference(slope_to, slope_from));
    let curvature = dot(&moved, &turned);
    if curvature <= 1e-12 * norm(&moved) * norm(&turned) {
        return;
    }
    if steps.len() == MEMORY {
        steps.pop_front();
    }
    steps.push_back(Step { moved, turned, scale: 1.0 / curvature });
}

/// Returns minus the slope through the remembered curvature (two loops, newest step first).
fn direction(slope: &[f64], steps: &VecDeque<Step>) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|slope| -slope).collect();
    let mut parts = Vec::with_capacity(steps.len());
    for step in steps.iter().rev() {
        let part = step.scale * dot(&step.moved, &direction);
        add(&mut direction, -part, &step.turned);
        parts.push(part);
    }
    if let Some(last) = steps.back() {
        let scale = 1.0 / (last.scale * dot(&last.turned, &last.turned));
        for direction in &mut direction {
            *direction *= scale;
        }
    }
    for (step, part) in steps.iter().zip(parts.into_iter().rev()) {
        let back = step.scale * dot(&step.turned, &direction);
        add(&mut direction, part - back, &step.moved);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += times * what;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_found() {
        let mut at = vec![-1.2, 1.0];
        minimise(&mut at, 200, 0.0, |at, slope| {
            let (x, y) = (at[0], at[1]);
            slope[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            slope[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        });
        assert!((at[0] - 1.0).abs() < 1e-6 && (at[1] - 1.0).abs() < 1e-6, "{at:?}");
    }
}
