//! What became of tasks: where they ran, what they took, how they came out. Pure: the rows of one session in, what is to be written out.
//!
//! Everything follows from stored rows, so that it can be worked out again at any time with the same result.

mod check;
mod command_line;
mod downshift;
mod evidence;
mod facts;
mod judge;
mod lanes;
mod score;
mod settle;
mod signs;
mod spent;
mod turns;
mod words;

pub use check::is_check;
pub use downshift::Downshift;
pub use facts::{Agent, Call, CallStatus, Delegated, Kind, Request, SessionFacts, Task, Turn, TurnKind};
pub use judge::{Label, Verdict};
pub use settle::{AsGood, Judged, RUNNING, Settlement, judged_by_user, settle};
pub use spent::Spent;
pub use words::{Answer, answer_of};

#[cfg(test)]
mod tests;
