//! A task's text -> what it probably is and whether a local model would do: pure, the same on every machine, for any text.
//!
//! Nothing here reads a clock, a file or the environment. Scores of words add up in integers; all else is additions,
//! multiplications, divisions and square roots in a fixed order ([`exact`]), which IEEE 754 rounds alike everywhere. Only
//! the first [`features::PREFIX_CHARS`] characters of a text are looked at.

pub mod decide;
pub mod exact;
pub mod explain;
pub mod features;
pub mod heads;
pub mod keyword;
pub mod murmur;
pub mod vocabulary;
pub mod weights;
pub mod words;

pub use decide::{Chance, Choice, Classification};
pub use explain::{Reason, explain};
pub use features::Features;
pub use heads::{Agent, ChangeSize, Head, TaskType};
pub use weights::Weights;

/// Returns what the weights of this build say of a text.
#[must_use]
pub fn classify(text: &str) -> Classification {
    Classification::of(&Features::of(text), &Weights::embedded())
}

#[cfg(test)]
mod tests;
