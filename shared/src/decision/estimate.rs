//! How large a task will probably be, and what that costs here and there. Rough, and said so: what it really took is recorded later.

use serde::{Deserialize, Serialize};

use crate::classify::ChangeSize;

/// Tokens of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tokens {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

impl Tokens {
    /// Returns both together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.input + self.output
    }
}

/// Tokens that a task of a size reads beside its own words and writes: small, medium, large. Assumed: an answer of a small task is a
/// short function, of a large one several files; about as much again is read.
const USUAL: [Tokens; 3] = [
    Tokens { input: 1_000, output: 400 },
    Tokens { input: 4_000, output: 1_500 },
    Tokens { input: 12_000, output: 4_000 },
];

/// Bytes of a token of plain text.
const BYTES: u64 = 4;

/// Returns what a task of this size will probably take.
pub(super) fn tokens(text: &str, size: ChangeSize) -> Tokens {
    let usual = USUAL[size as usize];
    Tokens { input: own_tokens(text) + usual.input, output: usual.output }
}

/// Returns the tokens of the task's own words.
pub(super) fn own_tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(BYTES)
}

/// What tokens cost, nano-dollars (1e-9 USD) each.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Money {
    /// Read by the model of Claude that would do the task.
    pub claude_input: f64,
    /// Written by it.
    pub claude_output: f64,
    /// Written by the local model: electricity.
    pub local_output: f64,
}

/// What handing over is worth, US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Worth {
    /// What is saved if the answer is as good, times how likely that is, less the electricity.
    pub(super) expected_saving_usd: f64,
    /// What doing it again on Claude costs, times how likely that is.
    pub(super) expected_loss_usd: f64,
}

const NANO: f64 = 1e-9;

impl Money {
    /// Returns what handing a task over is worth. Assumed: an answer that is not as good has Claude do the task after all, and look at
    /// what was answered besides.
    pub(super) fn worth(&self, tokens: Tokens, as_good: f64) -> Worth {
        #[expect(clippy::cast_precision_loss, reason = "tokens of one task")]
        let (input, output) = (tokens.input as f64, tokens.output as f64);
        let claude = input * self.claude_input + output * self.claude_output;
        let local = output * self.local_output;
        let again = output * self.claude_input;
        Worth {
            expected_saving_usd: (as_good * claude - local) * NANO,
            expected_loss_usd: (1.0 - as_good) * again * NANO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_tasks_take_more() {
        let sizes = [ChangeSize::Small, ChangeSize::Medium, ChangeSize::Large].map(|size| tokens("four", size).total());
        assert!(sizes.is_sorted() && sizes[0] == 1_401, "{sizes:?}");
    }

    #[test]
    fn sure_answers_save_all_and_lose_nothing() {
        let money = Money { claude_input: 2_000.0, claude_output: 10_000.0, local_output: 0.0 };
        let tokens = Tokens { input: 1_000, output: 400 };
        let sure = money.worth(tokens, 1.0);
        assert!((sure.expected_saving_usd - 0.006).abs() < 1e-12 && sure.expected_loss_usd == 0.0, "{sure:?}");
        let never = money.worth(tokens, 0.0);
        assert!(never.expected_saving_usd == 0.0 && (never.expected_loss_usd - 0.0008).abs() < 1e-12, "{never:?}");
    }
}
