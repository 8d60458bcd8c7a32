//! `orchd router train` and `eval`: fits the heads to labelled tasks, and prints what they are worth beside simpler rules.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value, json};
use shared::classify::{Head, Weights};

use super::super::args::{RouterEval, RouterTrain};
use crate::command::output::{print, print_json, say};
use crate::command::{Code, Failure};
use crate::routing::bootstrap::{Compared, Estimate, RESAMPLES};
use crate::routing::eval::{Draws, Evaluation, Figures, Judged, Part, evaluate};
use crate::routing::rows::{Row, read};
use crate::routing::train;

/// Number in `schema` of the JSON.
const SCHEMA: u32 = 1;

/// How the files of a training directory end.
const ENDING: &str = ".jsonl.gz";

pub(super) fn run_train(args: &RouterTrain) -> Result<(), Failure> {
    let rows = rows_of(&training_files(&args.data, &args.splits)?)?;
    let mut fitted = Vec::new();
    for head in Head::ALL {
        if let Some(head) = train::fit(&rows, head, args.seed) {
            say(&format!("{}: {} rows", head.head.name(), head.rows));
            fitted.push(head);
        }
    }
    let train::Written { bytes, words, kept } = train::weights(&fitted);
    say(&format!("{kept} of {words} words have a slot"));
    std::fs::write(&args.out, &bytes)
        .map_err(|source| Failure::of_file(format!("failed to write {}", args.out.display()), source))?;
    let version = Weights::parse(&bytes).map(|weights| weights.checksum()).unwrap_or_default();
    print(&format!("{} ({} bytes, {version:08x})", args.out.display(), bytes.len()))
}

/// Returns the files of a directory that belong to one of the splits, by name.
fn training_files(dir: &Path, splits: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let failed = |source| Failure::of_file(format!("failed to read {}", dir.display()), source);
    let mut files = Vec::new();
    for entry in dir.read_dir().map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let split = name.strip_suffix(ENDING).and_then(|stem| stem.rsplit('_').next());
        if split.is_some_and(|split| splits.iter().any(|wanted| wanted == split)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let problem =
            format!("no file of {} ends in _{}{ENDING}", dir.display(), splits.join(&format!("{ENDING} or _")));
        return Err(Failure::new(Code::Usage, problem));
    }
    Ok(files)
}

/// Returns the rows of files of JSON lines, plain or with gzip.
fn rows_of(files: &[PathBuf]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for path in files {
        let failed = format!("failed to read {}", path.display());
        let file = File::open(path).map_err(|source| Failure::of_file(&failed, source))?;
        let read = if path.extension().is_some_and(|extension| extension == "gz") {
            read(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            read(BufReader::new(file))
        };
        rows.extend(read.map_err(|source| Failure::new(Code::Data, failed).because(source))?);
    }
    Ok(rows)
}

pub(super) fn run_eval(args: &RouterEval) -> Result<(), Failure> {
    let bytes = match &args.weights {
        None => None,
        Some(path) => Some(
            std::fs::read(path)
                .map_err(|source| Failure::of_file(format!("failed to read {}", path.display()), source))?,
        ),
    };
    let weights = bytes.as_deref().map_or_else(|| Ok(Weights::embedded()), Weights::parse);
    let weights = weights.map_err(|source| Failure::new(Code::Data, "the weights cannot be used").because(source))?;
    let rows = rows_of(&args.data)?;
    if rows.is_empty() {
        return Err(Failure::new(Code::Data, "there is no row in what was given"));
    }
    let found = evaluate(&rows, &weights, Draws { seed: args.seed, resamples: RESAMPLES });
    if args.json { print_json(&answer(&found, &format!("{:08x}", weights.checksum()))) } else { print(&table(&found)) }
}

/// Returns the JSON: the route's parts at the top, each other task under its name.
fn answer(found: &Evaluation, version: &str) -> Value {
    let mut all = Map::new();
    all.insert("schema".into(), json!(SCHEMA));
    all.insert("router_version".into(), json!(version));
    if let Some(route) = &found.route {
        let mut pooled = json!(route.pooled);
        let baselines = pooled.as_object_mut().and_then(|pooled| pooled.remove("baselines"));
        all.insert("pooled".into(), pooled);
        all.insert("sources".into(), json!(route.sources));
        all.insert("baselines".into(), baselines.unwrap_or_default());
    }
    for (name, judged) in
        [("change_size", &found.change_size), ("task_type", &found.task_type), ("agent", &found.agent)]
    {
        if let Some(judged) = judged {
            all.insert(name.into(), json!(judged));
        }
    }
    all.into()
}

/// Returns the table: of each task the figures of all rows, then the router's of each source.
fn table(found: &Evaluation) -> String {
    let mut lines = Vec::new();
    for (name, judged) in [
        ("route", &found.route),
        ("change_size", &found.change_size),
        ("task_type", &found.task_type),
        ("agent", &found.agent),
    ] {
        if let Some(judged) = judged {
            lines.extend(task_lines(name, judged));
        }
    }
    lines.push(
        "In brackets: 95 % of draws of the rows. Behind a baseline: how far the router lies above it.".to_owned(),
    );
    lines.join("\n")
}

fn task_lines(name: &str, judged: &Judged) -> Vec<String> {
    let mut lines = part_lines(&format!("{name}, all"), &judged.pooled);
    for (group, part) in judged.kinds.iter().chain(&judged.sources) {
        lines.extend(part_lines(&format!("{name}, {group}"), part));
    }
    lines
}

fn part_lines(title: &str, part: &Part) -> Vec<String> {
    let title = format!("{title}: {} rows", part.n);
    let names = part.baselines.keys().map(ToString::to_string);
    let mut lines = vec![line(&title, "router", names)];
    for (name, figure) in &part.figures {
        let cells = part.baselines.values().map(|baseline| baseline_cell(baseline, name));
        lines.push(line(&format!("  {name}"), &interval(figure.estimate), cells));
    }
    lines.push(String::new());
    lines
}

fn line(title: &str, router: &str, others: impl Iterator<Item = String>) -> String {
    let cells = others.map(|cell| format!("{cell:<32}")).collect::<Vec<_>>().concat();
    format!("{title:<46}{router:<24}{cells}").trim_end().to_owned()
}

fn baseline_cell(figures: &Figures, name: &str) -> String {
    let Some(Compared { estimate, router_minus_this }) = figures.get(name) else {
        return "-".to_owned();
    };
    let gap = router_minus_this.map(|gap| format!("{:+.3} [{:+.3} {:+.3}]", gap.value, gap.low, gap.high));
    format!("{:.3} {}", estimate.value, gap.unwrap_or_default())
}

fn interval(Estimate { value, low, high }: Estimate) -> String {
    format!("{value:.3} [{low:.3} {high:.3}]")
}
