//! `orchd import`: the transcripts that Claude Code keeps, into the ledger.

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use shared::paths::Paths;

use super::args::Import as Args;
use super::bar::Bar;
use super::control;
use super::prices::price_table;
use crate::command::database::unreadable;
use crate::command::number::counted;
use crate::command::output::{print, print_json};
use crate::command::settings::{load_config, wrong_settings};
use crate::command::{Code, Failure};
use crate::config::time_zone;
use crate::ingest::price_unknown;
use crate::ingest::transcripts::{Import, Progress, Root, Summary, Transcripts, roots_of_environment};
use crate::instance::{Instance, InstanceError, is_locked};
use crate::logging::line::printable;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError, StoreOptions, marks};
use crate::updates::Updates;

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;
/// Requests in one transaction of an import that has the database to itself.
const TOGETHER: usize = 16 * 1024;
/// Transactions that wait for the one that is written.
const QUEUED: usize = 4;
/// Page cache of such an import, KiB: the indexes of 250,000 requests.
const CACHE_KIB: i64 = 32 * 1024;
/// Files with lines that could not be read that are named on the terminal.
const NAMED: usize = 5;
/// How often it is shown how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let roots = chosen_roots(args)?;
    let bar = Bar::new(!args.json);
    let summary = if is_locked(paths) { there(paths, &roots, &bar)? } else { here(paths, &roots, &bar)? };
    bar.clear();
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
    Ok(roots_of_environment())
}

/// Returns the roots as the daemon understands them, which runs elsewhere.
pub(super) fn absolute(roots: &[Root]) -> Vec<String> {
    let absolute = |root: &Root| std::path::absolute(&root.0).unwrap_or_else(|_| root.0.clone());
    roots.iter().map(|root| absolute(root).to_string_lossy().into_owned()).collect()
}

/// Lets the daemon import, which owns the database, and watches it.
fn there(paths: &Paths, roots: &[Root], bar: &Bar) -> Result<Summary, Failure> {
    let roots = absolute(roots);
    control::start_import(paths, roots.clone()).map_err(|failure| {
        // Somebody has the lock and does not listen.
        let is_other = failure.code() == Code::Unavailable && is_locked(paths);
        if is_other { in_use() } else { failure }
    })?;
    loop {
        let answer = control::import_progress(paths, roots.clone())?;
        let bytes = |name: &str| answer[name].as_u64().unwrap_or(0);
        match answer["state"].as_str() {
            Some("running") => bar.show(bytes("bytes_done"), bytes("bytes")),
            Some("done") => {
                return serde_json::from_value(answer["summary"].clone()).map_err(|error| {
                    Failure::new(Code::Internal, "the daemon's answer is not understood").because(error)
                });
            }
            _ => {
                let reason = answer["error"].as_str().unwrap_or("it was stopped");
                if reason == StoreError::Paused.to_string() {
                    return Err(paused("orchd resume"));
                }
                return Err(Failure::new(Code::Internal, format!("the import failed: {reason}")).hint("orchd logs"));
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Imports in this process, as the one that owns the database.
fn here(paths: &Paths, roots: &[Root], bar: &Bar) -> Result<Summary, Failure> {
    let config = load_config(paths)?;
    let prices = price_table(paths)?;
    let instance = Instance::acquire(paths).map_err(|error| match error {
        InstanceError::Running { .. } => in_use(),
        error => Failure::new(Code::CannotCreate, "the database cannot be opened").because(error),
    })?;
    let failed = |error| match error {
        StoreError::Paused => paused("orchd start, then: orchd resume"),
        error => Failure::new(Code::Internal, "the import failed").because(error),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .map_err(|error| Failure::of_file("failed to start", error))?;
    let timezone = time_zone(&config.display.timezone).map_err(|error| wrong_settings(paths, error))?;
    let options = StoreOptions { patient: true, cache_kib: CACHE_KIB, ..StoreOptions::new(&config, &timezone) };
    let store = Store::open(&paths.database(), options, Metrics::default(), Updates::default()).map_err(unreadable)?;
    let known = runtime.block_on(store.reader().look(marks)).map_err(failed)?;
    let (writer, progress) = (store.writer(), Progress::default());
    let rules = &config.capture.projects;
    let (prices, writer, progress) = (&prices, &writer, &progress);
    let transcripts = Transcripts::of_roots(roots);
    let import =
        Import { transcripts, prices, rules, marks: known, together: TOGETHER, queued: QUEUED, writer, progress };
    let summary = std::thread::scope(|scope| {
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let run = scope.spawn(move || {
            let _ended = ended;
            import.run()
        });
        while end.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            bar.show(progress.bytes_done.load(Ordering::Relaxed), progress.bytes.load(Ordering::Relaxed));
        }
        run.join()
    });
    let mut summary = summary.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(failed)?;
    summary.requests_changed += runtime.block_on(price_unknown(&store.reader(), writer, prices)).map_err(failed)?;
    store.close();
    drop(instance);
    Ok(summary)
}

fn in_use() -> Failure {
    Failure::new(Code::TryAgain, "another import is running, or the daemon is about to start")
        .hint("orchd import, again")
}

fn paused(hint: &str) -> Failure {
    Failure::new(Code::TryAgain, "the import ended: recording is paused").hint(hint)
}

fn as_json(summary: &Summary) -> serde_json::Value {
    let mut fields = serde_json::json!(summary);
    fields["schema"] = SCHEMA.into();
    fields
}

fn for_people(summary: &Summary, seconds: f64) -> String {
    let Summary { files, bytes, requests_new, requests_changed, skipped_lines, skipped_in, errors, .. } = summary;
    let size = size(*bytes);
    let of = |number: u64, what| counted(i64::try_from(number).unwrap_or(i64::MAX), what);
    let (read, new) = (of(*files, "transcript"), of(*requests_new, "new request"));
    let mut lines = vec![format!("{read}, {size}: {new} in {seconds:.1} s.")];
    if *requests_changed > 0 {
        // A request counts each time.
        lines.push(format!("{} of requests that were known.", of(*requests_changed, "update")));
    }
    if *skipped_lines > 0 {
        lines.push(format!("{} could not be read and counted.", of(*skipped_lines, "line")));
        lines.extend(skipped_in.iter().take(NAMED).map(|file| format!("  {}", printable(file))));
        if skipped_in.len() > NAMED {
            let more = of(skipped_in.len() as u64 - NAMED as u64, "file");
            lines.push(format!("  and {more} more (--json names up to 100)"));
        }
    }
    lines.extend(errors.iter().map(|error| format!("not read: {}", printable(error))));
    lines.join("\n")
}

/// Returns a size for people: `1.2 GB`.
pub(super) fn size(bytes: u64) -> String {
    let (unit, name) = if bytes >= 1_000_000_000 { (1_000_000_000, "GB") } else { (1_000_000, "MB") };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_names_what_was_not_read() {
        let summary = Summary {
            files: 3,
            bytes: 1_250_000_000,
            requests_new: 5,
            requests_changed: 1,
            skipped_lines: 7,
            skipped_in: (0..6).map(|number| format!("/p/{number}.jsonl: 1")).collect(),
            errors: vec!["/p/x.jsonl: not a file".to_owned()],
            ..Summary::default()
        };
        insta::assert_snapshot!(for_people(&summary, 1.0), @"
        3 transcripts, 1.2 GB: 5 new requests in 1.0 s.
        1 update of requests that were known.
        7 lines could not be read and counted.
          /p/0.jsonl: 1
          /p/1.jsonl: 1
          /p/2.jsonl: 1
          /p/3.jsonl: 1
          /p/4.jsonl: 1
          and 1 file more (--json names up to 100)
        not read: /p/x.jsonl: not a file
        ");
        assert_eq!(size(2_345_678), "2.3 MB");
    }
}
