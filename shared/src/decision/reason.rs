//! Why a decision is as it is: a name that programs compare, and words for people. None of the task's own words stand in it.

use serde::{Deserialize, Serialize};

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Its name, such as `below_threshold`.
    pub code: String,
    /// In words.
    pub text: String,
}

impl Reason {
    pub(super) fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into() }
    }
}
