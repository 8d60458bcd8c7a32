//! What a refit is worth on real rows of another mix: `cargo bench -p orchd --bench refit -- [FILE...]`.
//!
//! Reads `route_val.jsonl.gz` and `route_test.jsonl.gz` of `../shared/data/routing` unless files are named, and says so where one is
//! missing. Each source, and each other model whose scores the rows hold, is the shifted mix once: 200 rows are the user's outcomes, the
//! others are fresh; 20 seeds. Also prints, by file, the threshold that holds the usual quality floor by the weights of this build:
//! that of the first is `shared::decision::USUAL_THRESHOLD`, rounded up.

#![expect(clippy::print_stdout, reason = "the table is the point of it")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use orchd::routing::floor::{USUAL_QUALITY_FLOOR, threshold};
use orchd::routing::guard::{Held, guard, held};
use orchd::routing::random::Random;
use orchd::routing::refit::{Judged, Line, fit};
use orchd::routing::rows::{Row, Task, read};
use shared::classify::classify;
use shared::classify::exact::sigmoid;

const SEEDS: u64 = 20;
/// Outcomes that are fitted to.
const OUTCOMES: usize = 200;
/// Fresh rows without which a source is left out: the ECE of fewer is mostly chance.
const LEAST_FRESH: usize = 200;

fn main() {
    let named: Vec<PathBuf> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).map(PathBuf::from).collect();
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/routing");
    let usual = ["route_val.jsonl.gz", "route_test.jsonl.gz"].map(|name| usual.join(name));
    let files = if named.is_empty() { usual.to_vec() } else { named };
    let mut mixes: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
    for file in files {
        let rows: Vec<Row> = rows_of(&file).into_iter().filter(|row| row.task == Task::Route).collect();
        let logits: Vec<f64> = rows.iter().map(|row| classify(&row.text).as_good.logit).collect();
        let as_good = logits.iter().map(|logit| sigmoid(*logit)).collect();
        println!(
            "{}: {} rows, threshold at the floor of {USUAL_QUALITY_FLOOR}: {:.6}",
            file.display(),
            rows.len(),
            threshold(as_good, USUAL_QUALITY_FLOOR)
        );
        for (row, &logit) in rows.iter().zip(&logits) {
            let mut add = |mix: String, as_good| {
                mixes.entry(mix).or_default().push(Judged { logit, as_good, project: String::new() });
            };
            add(format!("source {}", row.source), row.is_yes());
            let strong = row.strong_score.unwrap_or(1.0);
            for (model, score) in &row.scores {
                add(format!("model {model}"), *score >= strong);
            }
        }
    }
    println!("{:40} {:>5} {:>4} {:>15} {:>18}", "mix", "rows", "seed", "ECE", "log loss");
    for (mix, judged) in &mixes {
        if judged.len() < OUTCOMES + LEAST_FRESH {
            println!("{mix:40} {:>5} too few for {OUTCOMES} outcomes and fresh ones", judged.len());
        } else {
            print_mix(mix, judged);
        }
    }
}

fn print_mix(mix: &str, judged: &[Judged]) {
    let mut sums = [0.0; 2];
    for seed in 0..SEEDS {
        let mut rows = judged.to_vec();
        Random::new(seed, 0).shuffle(&mut rows);
        let (outcomes, fresh) = rows.split_at(OUTCOMES);
        let is_taken = guard(outcomes, &Line::NONE).passes();
        let line = if is_taken { fit(outcomes) } else { Line::NONE };
        let [before, after] = [&Line::NONE, &line].map(|line| on(line, fresh));
        println!(
            "{mix:40} {:>5} {seed:>4} {:>6.3} -> {:>5.3} {:>7.4} -> {:>7.4} {}",
            judged.len(),
            before.ece,
            after.ece,
            before.log_loss,
            after.log_loss,
            if is_taken { "taken" } else { "refused" }
        );
        sums[0] += before.ece;
        sums[1] += after.ece;
    }
    let [before, after] = sums.map(|sum| sum / 20.0);
    let chance = of_chance(&judged[OUTCOMES..]);
    println!("{mix:40} mean ECE {before:.4} -> {after:.4}; {chance:.4} of it by chance alone in so few fresh rows");
}

fn on(line: &Line, rows: &[Judged]) -> Held {
    held(&rows.iter().map(|row| line.probability(row)).collect::<Vec<_>>(), rows)
}

/// Returns the mean ECE that the true probabilities themselves would have on as many rows.
fn of_chance(rows: &[Judged]) -> f64 {
    let line = fit(rows);
    let drawn = |seed| {
        let mut random = Random::new(seed, 3);
        let rows: Vec<Judged> =
            rows.iter().map(|row| Judged { as_good: random.unit() < line.probability(row), ..row.clone() }).collect();
        on(&line, &rows).ece
    };
    (0..SEEDS).map(drawn).sum::<f64>() / 20.0
}

fn rows_of(file: &Path) -> Vec<Row> {
    let Ok(opened) = File::open(file) else {
        println!("{} is not there", file.display());
        return Vec::new();
    };
    match read(BufReader::new(MultiGzDecoder::new(opened))) {
        Ok(rows) => rows,
        Err(error) => {
            println!("{}: {error}", file.display());
            Vec::new()
        }
    }
}
