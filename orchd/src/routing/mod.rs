//! The router's evidence: fitting the heads of [`shared::classify`] on labelled tasks, and judging them beside simpler rules.
//!
//! Pure: rows in, weights or figures out; files and the terminal belong to `cli::router`. Nothing here is on the hook's path.

pub mod baseline;
pub mod bootstrap;
pub mod calibrate;
pub mod encode;
pub mod eval;
pub mod floor;
pub mod guard;
pub mod interval;
pub mod lbfgs;
pub mod logistic;
pub mod metrics;
pub mod newton;
pub mod random;
pub mod recipe;
pub mod refit;
pub mod rows;
pub mod train;

#[cfg(test)]
mod tests;
