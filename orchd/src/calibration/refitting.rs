//! A fit on request: what was judged is read, fitted to, guarded, and stored where the guard lets it pass.

use serde::{Deserialize, Serialize};
use shared::decision::router_version;
use shared::event::Micros;
use utoipa::ToSchema;

use super::log::{self, KeptFit};
use crate::routing::guard::{Guard, guard};
use crate::routing::refit::{Line, fit, is_enough};
use crate::store::{NewFit, Reader, StoreError, Writer};

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefitAsk {
    /// The local model; the one that counts now unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Go back to the fit before instead.
    #[serde(default)]
    pub rollback: bool,
    /// Only say what would come of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Refit {
    /// There is too little to fit to: why, in words.
    TooFew(String),
    /// The guard refused the fit.
    Refused(Line, Guard),
    /// It would pass, and nothing was changed.
    Passes(Line, Guard),
    /// It is in force under this number.
    Fitted(i64, Line, Guard),
    /// The fit before is in force again; None where it was the first.
    RolledBack(Option<i64>),
    /// There is no fit to go back from.
    NothingToRollBack,
}

/// Fits to the outcomes of a local model.
pub async fn refit(
    (reader, writer): (&Reader, &Writer),
    model: &str,
    dry_run: bool,
    now_at: Micros,
) -> Result<Refit, StoreError> {
    let weights = router_version();
    let (asked, of) = (model.to_owned(), weights.clone());
    let asking = reader.query(move |conn| Ok((log::judged(conn, &asked, &of)?, log::fit_in_force(conn, &asked)?)));
    let (judged, kept) = asking.await?;
    if let Err(few) = is_enough(&judged) {
        return Ok(Refit::TooFew(few.to_string()));
    }
    let before = in_force(kept, &weights);
    let outcomes = judged.len();
    // A tenth of a second where there are thousands.
    let fitting = tokio::task::spawn_blocking(move || (fit(&judged), guard(&judged, &before)));
    let (line, guard) = fitting.await.map_err(|_| StoreError::Failed)?;
    if !guard.passes() {
        return Ok(Refit::Refused(line, guard));
    }
    if dry_run {
        return Ok(Refit::Passes(line, guard));
    }
    let new = NewFit {
        model: model.to_owned(),
        weights,
        slope: line.slope,
        intercept: line.intercept,
        projects: line.projects.clone(),
        outcomes,
        guard: serde_json::json!(guard).to_string(),
        fitted_at: now_at,
    };
    let id = writer.save_fit(new).await?.ok_or(StoreError::Failed)?;
    Ok(Refit::Fitted(id, line, guard))
}

/// Goes back to the fit before.
pub async fn roll_back((reader, writer): (&Reader, &Writer), model: &str) -> Result<Refit, StoreError> {
    let asked = model.to_owned();
    if reader.query(move |conn| log::fit_in_force(conn, &asked)).await?.is_none() {
        return Ok(Refit::NothingToRollBack);
    }
    Ok(Refit::RolledBack(writer.roll_back_fit(model.to_owned()).await?))
}

/// Returns what decisions go by now: a fit for other weights counts for nothing.
fn in_force(kept: Option<KeptFit>, weights: &str) -> Line {
    kept.map(|kept| kept.fit).filter(|fit| fit.weights == weights).map_or(Line::NONE, |fit| Line {
        slope: fit.slope,
        intercept: fit.intercept,
        projects: fit.projects,
    })
}
