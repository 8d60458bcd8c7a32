//! `orchd router refit`: by the daemon that runs, else in this process, as the one that owns the database.

use std::process::ExitCode;
use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use shared::paths::Paths;

use super::super::args::RouterRefit;
use crate::calibration::{RefitAsk, answer, newest_model, refit, roll_back};
use crate::clock::now;
use crate::command::database::{connect, unreadable};
use crate::command::output::{print, print_json};
use crate::command::settings::{load_config, wrong_settings};
use crate::command::{Code, Failure};
use crate::config::time_zone;
use crate::daemon_client::Endpoint;
use crate::instance::{Instance, InstanceError, is_locked};
use crate::logging::line::printable;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError, StoreOptions};
use crate::updates::Updates;
use crate::view::RefitAnswer;

/// Longest the daemon may take: thousands of outcomes are fitted to eleven times.
const WITHIN: Duration = Duration::from_secs(30);

pub(super) fn run(paths: &Paths, args: &RouterRefit) -> Result<ExitCode, Failure> {
    let ask = RefitAsk { model: args.model.clone(), rollback: args.rollback, dry_run: args.dry_run };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::new(Code::TryAgain, "failed to start the runtime").because(source))?;
    let done = if is_locked(paths) { runtime.block_on(there(paths, &ask))? } else { here(paths, ask, &runtime)? };
    if args.json {
        print_json(&done)?;
    } else {
        print(&words(&done))?;
    }
    // A fit that is not made is no mistake of the command's: scripts see it by the code.
    let is_done = matches!(done.result.as_str(), "fitted" | "passes" | "rolled_back");
    Ok(if is_done { ExitCode::SUCCESS } else { Code::TryAgain.into() })
}

fn words(done: &RefitAnswer) -> String {
    let mut lines = vec![printable(&done.message)];
    if let (Some(slope), Some(intercept)) = (done.slope, done.intercept) {
        lines.push(format!("slope {slope:.3}, intercept {intercept:+.3}"));
    }
    lines.extend(done.projects.iter().map(|(dir, offset)| printable(&format!("{dir}: {offset:+.3}"))));
    lines.join("\n")
}

/// What the daemon answers where it does not do it.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

/// Has the daemon do it.
async fn there(paths: &Paths, ask: &RefitAsk) -> Result<RefitAnswer, Failure> {
    let unavailable =
        || Failure::new(Code::Unavailable, "the database is in use, and no daemon answers").hint("orchd status");
    let endpoint = Endpoint::read(paths).ok_or_else(unavailable)?;
    let token = std::fs::read_to_string(paths.token_file()).map_err(|_| unavailable())?;
    let client =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(WITHIN).build();
    let client = client.map_err(|source| Failure::new(Code::Internal, "no HTTP client can be made").because(source))?;
    let address = format!("{}/api/v1/routing/refit", endpoint.http);
    let answered = client.post(address).bearer_auth(token.trim()).json(ask).send().await;
    let answered = answered.map_err(|source| unavailable().because(source.without_url()))?;
    let status = answered.status();
    let misread = |source: reqwest::Error| {
        Failure::new(Code::Internal, "the daemon's answer is not understood").because(source.without_url())
    };
    if status == StatusCode::OK {
        return answered.json().await.map_err(misread);
    }
    let problem: Problem = answered.json().await.map_err(misread)?;
    let code = if status == StatusCode::SERVICE_UNAVAILABLE { Code::TryAgain } else { Code::Usage };
    Err(Failure::new(code, format!("the daemon refused: {}", problem.detail)))
}

/// Does it in this process.
fn here(paths: &Paths, ask: RefitAsk, runtime: &tokio::runtime::Runtime) -> Result<RefitAnswer, Failure> {
    // Nothing recorded: no database is made for that.
    connect(paths)?;
    let config = load_config(paths)?;
    let timezone = time_zone(&config.display.timezone).map_err(|error| wrong_settings(paths, error))?;
    let _instance = Instance::acquire(paths).map_err(|error| match error {
        InstanceError::Running { .. } => Failure::new(Code::TryAgain, "another command has the database"),
        error => Failure::new(Code::CannotCreate, "the database cannot be opened").because(error),
    })?;
    let options = StoreOptions { patient: true, ..StoreOptions::new(&config, &timezone) };
    let store = Store::open(&paths.database(), options, Metrics::default(), Updates::default()).map_err(unreadable)?;
    let done = runtime.block_on(async {
        let (reader, writer) = (store.reader(), store.writer());
        let model = match ask.model {
            Some(model) => Some(model),
            None => reader.query(newest_model).await?,
        };
        let Some(model) = model else { return Ok::<_, StoreError>(None) };
        let done = if ask.rollback {
            roll_back((&reader, &writer), &model).await?
        } else {
            refit((&reader, &writer), &model, ask.dry_run, now()).await?
        };
        Ok(Some((model, done)))
    });
    store.close();
    let done = done.map_err(|error| Failure::new(Code::Internal, "the refit failed").because(error))?;
    Ok(answer(done))
}
