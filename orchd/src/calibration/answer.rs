//! What came of asking for a fit, for programs and in words.

use super::refitting::Refit;
use crate::routing::guard::Guard;
use crate::routing::refit::Line;
use crate::view::{RefitAnswer, SCHEMA};

/// Returns the answer; None where nobody knows any local model.
#[must_use]
pub fn answer(done: Option<(String, Refit)>) -> RefitAnswer {
    let empty = RefitAnswer {
        schema: SCHEMA,
        model: None,
        result: "no_model".to_owned(),
        fit_id: None,
        slope: None,
        intercept: None,
        projects: Vec::new(),
        guard: None,
        message: "no local model is known yet: nothing can be fitted".to_owned(),
    };
    let Some((model, refit)) = done else { return empty };
    let empty = RefitAnswer { model: Some(model.clone()), ..empty };
    let made = |result: &str, fit_id, line: Line, guard: Guard, message: String| RefitAnswer {
        result: result.to_owned(),
        fit_id,
        slope: Some(line.slope),
        intercept: Some(line.intercept),
        projects: line.projects,
        guard: Some(guard),
        message,
        ..empty.clone()
    };
    match refit {
        Refit::TooFew(why) => RefitAnswer { result: "too_few".to_owned(), message: why, ..empty },
        Refit::Refused(line, guard) => {
            let message = format!(
                "the fit is refused, nothing changed, since it does no better than what is in force: {}",
                figures(&guard)
            );
            made("refused", None, line, guard, message)
        }
        Refit::Passes(line, guard) => {
            let message = format!("the fit would be taken, nothing changed: {}", figures(&guard));
            made("passes", None, line, guard, message)
        }
        Refit::Fitted(id, line, guard) => {
            let message = format!("fit {id} of {model} is in force: {}", figures(&guard));
            made("fitted", Some(id), line, guard, message)
        }
        Refit::RolledBack(fit_id) => {
            let message = match fit_id {
                Some(id) => format!("fit {id} of {model} is in force again"),
                None => format!("no fit of {model} is in force, as before the first"),
            };
            RefitAnswer { result: "rolled_back".to_owned(), fit_id, message, ..empty }
        }
        Refit::NothingToRollBack => RefitAnswer {
            result: "nothing_to_roll_back".to_owned(),
            message: format!("no fit of {model} is in force: there is nothing to go back from"),
            ..empty
        },
    }
}

fn figures(guard: &Guard) -> String {
    let Guard { outcomes, before, after, .. } = guard;
    format!(
        "on {outcomes} held-back outcomes log loss {:.4} before, {:.4} after, ECE {:.3} before, {:.3} after",
        before.log_loss, after.log_loss, before.ece, after.ece
    )
}
