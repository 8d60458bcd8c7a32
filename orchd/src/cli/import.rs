//! `orchd import`: the transcripts that Claude Code keeps, into the ledger.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use shared::paths::Paths;

use super::args::Import as Args;
use super::failure::{Code, Failure};
use super::output::{print, print_json};
use super::prices::price_table;
use super::run::load_config;
use crate::daemon::{open_store, time_zone};
use crate::ingest::transcripts::{Import, Progress, Root, Summary, roots};
use crate::instance::Instance;
use crate::metrics::Metrics;
use crate::store::marks;
use crate::updates::Updates;

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let roots = chosen_roots(args)?;
    let summary = here(paths, &roots)?;
    if args.json {
        print_json(&as_json(&summary))?;
    } else {
        print(&for_people(&summary, started.elapsed().as_secs_f64()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen_roots(args: &Args) -> Result<Vec<Root>, Failure> {
    if let Some(from) = &args.from {
        if !from.join("projects").is_dir() {
            return Err(Failure::new(Code::Usage, format!("`{}` holds no folder `projects`", from.display()))
                .hint("name the folder of Claude Code itself, such as ~/.claude"));
        }
        return Ok(vec![Root(from.clone())]);
    }
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    Ok(roots(std::env::var("CLAUDE_CONFIG_DIR").ok().as_deref(), home.as_deref()))
}

/// Imports in this process, as the one that owns the database.
fn here(paths: &Paths, roots: &[Root]) -> Result<Summary, Failure> {
    let config = load_config(paths)?;
    let prices = price_table(paths)?;
    let instance = Instance::acquire(paths)
        .map_err(|error| Failure::new(Code::TryAgain, "the database is in use").because(error))?;
    let failed = |error| Failure::new(Code::Internal, "the import failed").because(error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::of_file("failed to start", error))?;
    let timezone = time_zone(&config.display.timezone)
        .map_err(|error| Failure::new(Code::Config, "the settings are wrong").because(error))?;
    let store = runtime
        .block_on(open_store(paths, &config, &timezone, &Metrics::default(), &Updates::default()))
        .map_err(|error| Failure::new(Code::Internal, "the database cannot be opened").because(error))?;
    let known = runtime.block_on(store.reader().look(|connection| marks(connection))).map_err(failed)?;
    let (writer, progress) = (store.writer(), Progress::default());
    let summary = Import { roots, prices: &prices, marks: known, writer: &writer, progress: &progress }.run();
    store.close();
    drop(instance);
    summary.map_err(failed)
}

fn as_json(summary: &Summary) -> serde_json::Value {
    let Summary { files, bytes, requests_seen, requests_new, requests_changed, skipped_lines, errors } = summary;
    json!({
        "schema": SCHEMA, "files": files, "bytes": bytes, "requests_seen": requests_seen, "requests_new": requests_new,
        "requests_changed": requests_changed, "skipped_lines": skipped_lines, "errors": errors,
    })
}

fn for_people(summary: &Summary, seconds: f64) -> String {
    let mut text = format!(
        "{} transcripts, {:.1} MB: {} new requests in {seconds:.1} s.",
        summary.files,
        summary.bytes as f64 / 1e6,
        summary.requests_new
    );
    if summary.skipped_lines > 0 {
        text += &format!("\n{} lines could not be read and are not counted.", summary.skipped_lines);
    }
    for error in &summary.errors {
        text += &format!("\nnot read: {error}");
    }
    text
}
