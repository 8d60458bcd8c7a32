//! `orchd router status`: the weights, the fit in force, and what was seen of both so far, straight from the database.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::classify::{Head, Weights};
use shared::decision::{Settings, router_version};
use shared::paths::Paths;
use shared::snapshot::Snapshot;

use super::super::args::RouterStatus;
use crate::analytics::routing::{RoutingQuery, routing};
use crate::clock::now;
use crate::command::Failure;
use crate::command::database::{connect, failed};
use crate::command::output::{print, print_json};
use crate::command::settings::{load_config, wrong_settings};
use crate::config::time_zone;
use crate::daemon_client::status;
use crate::logging::line::printable;
use crate::routing::bootstrap::Estimate;
use crate::routing::floor::USUAL_QUALITY_FLOOR;
use crate::routing::refit::LEAST_OUTCOMES;
use crate::store::at_one_moment;
use crate::view::Routing;

/// Longest the daemon may take to say which local model counts.
const WITHIN: Duration = Duration::from_millis(500);

pub(super) fn run(paths: &Paths, args: &RouterStatus) -> Result<(), Failure> {
    let config = load_config(paths)?;
    let timezone = time_zone(&config.display.timezone).map_err(|error| wrong_settings(paths, error))?;
    let conn = connect(paths)?;
    let model = args.model.clone().or_else(|| model_of_daemon(paths));
    let query = RoutingQuery { model, ..RoutingQuery::default() };
    let basis = (&settings(paths), USUAL_QUALITY_FLOOR);
    let found = at_one_moment(&conn, |conn| routing(conn, &query, basis, &timezone)).map_err(failed)?;
    if args.json { print_json(&as_json(&found)) } else { print(words(&found).trim_end()) }
}

fn model_of_daemon(paths: &Paths) -> Option<String> {
    let status = status(paths, WITHIN).ok()?;
    status["local_model"]["model"].as_str().map(str::to_owned)
}

/// Returns what the daemon decides by, where one runs.
fn settings(paths: &Paths) -> Settings {
    let told = std::fs::read(paths.snapshot_file()).ok().and_then(|bytes| Snapshot::decode(&bytes, now()));
    told.map(|told| told.router).unwrap_or_default()
}

/// Returns the versions of the heads in this build.
fn heads() -> Vec<(&'static str, u16)> {
    let weights = Weights::embedded();
    Head::ALL.iter().map(|head| (head.name(), weights.version(*head))).collect()
}

fn as_json(found: &Routing) -> Value {
    let mut value = json!(found);
    let heads: Vec<Value> =
        heads().into_iter().map(|(head, version)| json!({ "head": head, "version": version })).collect();
    if let Value::Object(object) = &mut value {
        object.insert("weights".to_owned(), router_version().into());
        object.insert("heads".to_owned(), heads.into());
        object.insert("needed_outcomes".to_owned(), LEAST_OUTCOMES.into());
    }
    value
}

fn words(found: &Routing) -> String {
    let mut text = String::new();
    let heads: Vec<String> = heads().iter().map(|(head, version)| format!("{head} {version}")).collect();
    let model = printable(found.local_model.as_deref().unwrap_or("any local model"));
    let mut line = |name: &str, value: String| {
        // Writing to a text never fails.
        let _ = writeln!(text, "{name:14} {value}");
    };
    line("weights", format!("{} ({})", router_version(), heads.join(", ")));
    line("local model", model.clone());
    match &found.fit {
        Some(fit) => {
            let day = Timestamp::from_microsecond(fit.fitted_at).map(|at| at.strftime("%Y-%m-%d").to_string());
            let what = format!("slope {:.3}, intercept {:+.3}, on {} outcomes", fit.slope, fit.intercept, fit.outcomes);
            line("fit", format!("{}, made {}: {what}", fit.fit_id, day.unwrap_or_default()));
        }
        None => line("fit", format!("not yet calibrated for {model}")),
    }
    line("threshold", format!("{:.3} ({})", found.threshold, found.threshold_source));
    line("decisions", format!("{}, of them local {}", found.decisions, found.recommended_local));
    line("outcomes", found.message.clone().unwrap_or_else(|| found.judged.to_string()));
    line("coverage", percent(found.coverage));
    line("precision", percent(found.precision));
    line("quality", percent(found.quality));
    line("ECE", found.ece.map_or_else(|| "unknown".to_owned(), |ece| format!("{ece:.3}")));
    if found.judged > 0 {
        text.push_str("\nsaid           seen             judged\n");
    }
    for bin in found.reliability.iter().filter(|bin| bin.n > 0) {
        let percent = |share: Option<f64>| share.unwrap_or_default() * 100.0;
        let [said, seen, low, high] = [bin.predicted, bin.observed, bin.low, bin.high].map(percent);
        let _ = writeln!(text, "{said:5.1} %       {seen:5.1} % ({low:.0}-{high:.0})  {:>5}", bin.n);
    }
    text
}

fn percent(share: Option<Estimate>) -> String {
    let of = |share: Estimate| {
        format!("{:.1} % ({:.1} to {:.1})", share.value * 100.0, share.low * 100.0, share.high * 100.0)
    };
    share.map_or_else(|| "unknown: too few outcomes yet".to_owned(), of)
}
