//! What the user's own outcomes make of the router: the fit in force and its threshold, kept for whoever decides, and new fits on request.
//!
//! `routing` does the fitting, which is pure; here the log is read, fits are stored, and what decisions go by is put together.

mod answer;
mod handle;
mod knowledge;
mod log;
mod money;
mod refitting;

pub use answer::answer;
pub use handle::Calibration;
pub use knowledge::{Knowledge, ThresholdSource};
pub use log::{KeptFit, fit_in_force, judged, newest_model};
pub use refitting::{Refit, RefitAsk, refit, roll_back};
