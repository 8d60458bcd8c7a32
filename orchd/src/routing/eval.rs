//! Judges the heads on labelled rows: every figure with its interval, beside what simpler rules reach on the same rows.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::classify::{Classification, Features, Head, Weights, keyword};

use super::baseline;
use super::bootstrap::{Compared, compare};
use super::metrics::{Outcome, auroc, coverage_at, curve, ece, macro_f1, precision_at};
use super::random::Random;
use super::recipe::class_of;
use super::rows::{Row, Task};

/// Figures by name.
pub type Figures = BTreeMap<&'static str, Compared>;

/// The figures of some rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// How many rows.
    pub n: usize,
    /// The router's.
    #[serde(flatten)]
    pub figures: Figures,
    /// Those of simpler rules, and how far the router lies above.
    pub baselines: BTreeMap<&'static str, Figures>,
}

/// The figures of one task: all rows, then each source, then each kind of text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// All rows together.
    #[serde(flatten)]
    pub pooled: Part,
    /// By where the rows are from.
    pub sources: BTreeMap<String, Part>,
    /// By what kind of text they are; none where there are as many kinds as subjects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, Part>,
}

/// All figures; of each task whose labels the rows carry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// How a weak and a strong model did.
    pub route: Option<Judged>,
    /// Small and not large.
    pub change_size: Option<Judged>,
    /// Kinds of work.
    pub task_type: Option<Judged>,
    /// Subagents.
    pub agent: Option<Judged>,
}

/// How the rows are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// Of the random numbers.
    pub seed: u64,
    /// How often.
    pub resamples: usize,
}

/// Returns the figures of weights on rows.
#[must_use]
pub fn evaluate(rows: &[Row], weights: &Weights<'_>, draws: Draws) -> Evaluation {
    let of = |task: Task, judge: fn(&[Judgement<'_>], Draws) -> Part| {
        let rows: Vec<Judgement<'_>> =
            rows.iter().filter(|row| row.task == task).map(|row| Judgement::of(row, *weights)).collect();
        (!rows.is_empty()).then(|| judged(&rows, draws, judge))
    };
    Evaluation {
        route: of(Task::Route, judge_route),
        change_size: of(Task::Complexity, judge_size),
        task_type: of(Task::Type, |rows, draws| judge_classes(rows, draws, Head::TaskType)),
        agent: of(Task::Agent, |rows, draws| judge_classes(rows, draws, Head::Agent)),
    }
}

/// A row and what the heads say of it.
#[derive(Clone)]
struct Judgement<'a> {
    row: &'a Row,
    said: Classification,
}

impl<'a> Judgement<'a> {
    fn of(row: &'a Row, weights: Weights<'_>) -> Self {
        Self { row, said: Classification::of(&Features::of(&row.text), &weights) }
    }
}

/// More kinds than this are subjects, and too few rows each.
const MOST_KINDS: usize = 4;

fn judged(rows: &[Judgement<'_>], draws: Draws, judge: fn(&[Judgement<'_>], Draws) -> Part) -> Judged {
    let by = |name: fn(&Row) -> &str| {
        let mut groups: BTreeMap<String, Vec<Judgement<'_>>> = BTreeMap::new();
        for row in rows {
            groups.entry(name(row.row).to_owned()).or_default().push(row.clone());
        }
        groups
    };
    let judge_all = |groups: BTreeMap<String, Vec<Judgement<'_>>>| {
        groups.into_iter().map(|(name, rows)| (name, judge(&rows, draws))).collect::<BTreeMap<_, _>>()
    };
    let kinds = Some(by(|row| &row.domain)).filter(|kinds| (2..=MOST_KINDS).contains(&kinds.len()));
    Judged {
        pooled: judge(rows, draws),
        sources: judge_all(by(|row| &row.source)),
        kinds: kinds.map(judge_all).unwrap_or_default(),
    }
}

/// Puts the figures of lines, the router's first, under their names.
fn part(n: usize, lines: &[&'static str], names: &[&'static str], figures: Vec<Vec<Option<Compared>>>) -> Part {
    let mut by_line = figures.into_iter().map(|figures| {
        names.iter().zip(figures).filter_map(|(name, figure)| Some((*name, figure?))).collect::<Figures>()
    });
    let router = by_line.next().unwrap_or_default();
    Part { n, figures: router, baselines: lines[1..].iter().copied().zip(by_line).collect() }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of texts")]
fn shortness(row: &Row) -> f64 {
    -(row.text.len() as f64)
}

fn judge_route(rows: &[Judgement<'_>], draws: Draws) -> Part {
    const NAMES: [&str; 10] = [
        "auroc_as_good",
        "auroc_local_solves",
        "apgr",
        "cpt50",
        "cpt80",
        "cpt95",
        "saved_at_2pct",
        "precision_at_20pct",
        "ece",
        "ece_local_solves",
    ];
    const LINES: [&str; 5] = ["router", "keyword", "length", "random", "oracle"];
    let scored: Vec<[[f64; 2]; 5]> = rows
        .iter()
        .map(|Judgement { row, said }| {
            let (weak, strong) = (row.weak_score.unwrap_or(0.0), row.strong_score.unwrap_or(0.0));
            let keyword = f64::from(keyword::score(&row.text));
            let length = shortness(row);
            [
                [said.as_good.probability, said.local_solves.probability],
                [keyword; 2],
                [length; 2],
                [0.0; 2],
                [weak - strong, weak],
            ]
        })
        .collect();
    let labels: Vec<[bool; 2]> = rows
        .iter()
        .map(|Judgement { row, .. }| [Head::AsGood, Head::LocalSolves].map(|head| class_of(row, head) == Some(1)))
        .collect();
    let figures = compare(rows.len(), LINES.len(), draws.seed, draws.resamples, |line, drawn, random| {
        let [good, solves] = [0, 1].map(|head| drawn.iter().map(|&row| scored[row][line][head]).collect::<Vec<_>>());
        let [is_good, is_solved] = [0, 1].map(|head| drawn.iter().map(|&row| labels[row][head]).collect::<Vec<_>>());
        let outcomes: Vec<Outcome> = drawn
            .iter()
            .map(|&row| {
                let Row { weak_score, strong_score, .. } = rows[row].row;
                Outcome {
                    score: scored[row][line][0],
                    weak: weak_score.unwrap_or(0.0),
                    strong: strong_score.unwrap_or(0.0),
                }
            })
            .collect();
        let curve = curve(&outcomes, random);
        let calibrated = line == 0;
        vec![
            auroc(&good, &is_good),
            auroc(&solves, &is_solved),
            curve.map(|curve| curve.apgr),
            curve.map(|curve| curve.cpt[0]),
            curve.map(|curve| curve.cpt[1]),
            curve.map(|curve| curve.cpt[2]),
            curve.map(|curve| curve.saved_at_2pct),
            precision_at(&good, &is_good, 0.2),
            ece(&good, &is_good).filter(|_| calibrated),
            ece(&solves, &is_solved).filter(|_| calibrated),
        ]
    });
    part(rows.len(), &LINES, &NAMES, figures)
}

fn judge_size(rows: &[Judgement<'_>], draws: Draws) -> Part {
    const NAMES: [&str; 8] = [
        "auroc",
        "ece",
        "auroc_not_large",
        "ece_not_large",
        "not_large_precision_at_30pct",
        "not_large_precision_at_8pct",
        "not_large_coverage_at_90",
        "not_large_coverage_at_95",
    ];
    const LINES: [&str; 4] = ["router", "keyword", "length", "majority"];
    let scored: Vec<[[f64; 2]; 4]> = rows
        .iter()
        .map(|Judgement { row, said }| {
            let keyword = f64::from(keyword::score(&row.text));
            [[said.small.probability, said.not_large.probability], [keyword; 2], [shortness(row); 2], [0.0; 2]]
        })
        .collect();
    let labels: Vec<[Option<bool>; 2]> = rows
        .iter()
        .map(|Judgement { row, .. }| {
            [Head::Small, Head::NotLarge].map(|head| class_of(row, head).map(|class| class == 1))
        })
        .collect();
    let figures = compare(rows.len(), LINES.len(), draws.seed, draws.resamples, |line, drawn, _| {
        let labelled = |head: usize| -> (Vec<f64>, Vec<bool>) {
            drawn.iter().filter_map(|&row| Some((scored[row][line][head], labels[row][head]?))).unzip()
        };
        let ((small, is_small), (not_large, is_not_large)) = (labelled(0), labelled(1));
        let calibrated = line == 0;
        vec![
            auroc(&small, &is_small),
            ece(&small, &is_small).filter(|_| calibrated),
            auroc(&not_large, &is_not_large),
            ece(&not_large, &is_not_large).filter(|_| calibrated),
            precision_at(&not_large, &is_not_large, 0.3),
            precision_at(&not_large, &is_not_large, 0.08),
            coverage_at(&not_large, &is_not_large, 0.9),
            coverage_at(&not_large, &is_not_large, 0.95),
        ]
    });
    part(rows.len(), &LINES, &NAMES, figures)
}

fn judge_classes(rows: &[Judgement<'_>], draws: Draws, head: Head) -> Part {
    const NAMES: [&str; 2] = ["macro_f1", "ece"];
    const LINES: [&str; 4] = ["router", "keyword", "length", "majority"];
    let labelled: Vec<(&Judgement<'_>, usize)> =
        rows.iter().filter_map(|row| Some((row, class_of(row.row, head)?))).collect();
    let truths: Vec<usize> = labelled.iter().map(|(_, class)| *class).collect();
    let lengths: Vec<usize> = labelled.iter().map(|(row, _)| row.row.text.len()).collect();
    let said = |row: &Judgement<'_>| match head {
        Head::TaskType => (row.said.task_type.value as usize, row.said.task_type.confidence),
        _ => (row.said.agent.value as usize, row.said.agent.confidence),
    };
    let by_words = |text: &str| match head {
        Head::TaskType => baseline::task_type_by_words(text),
        _ => baseline::agent_by_words(text),
    };
    let guesses: [Vec<usize>; 4] = [
        labelled.iter().map(|(row, _)| said(row).0).collect(),
        labelled.iter().map(|(row, _)| by_words(&row.row.text)).collect(),
        baseline::by_length(&lengths, &truths),
        baseline::majority(&truths),
    ];
    let confidences: Vec<f64> = labelled.iter().map(|(row, _)| said(row).1).collect();
    let classes = head.outputs().len();
    let figures = compare(labelled.len(), LINES.len(), draws.seed, draws.resamples, |line, drawn, _: &mut Random| {
        let of = |values: &[usize]| drawn.iter().map(|&row| values[row]).collect::<Vec<_>>();
        let (guesses, truths) = (of(&guesses[line]), of(&truths));
        let sure: Vec<f64> = drawn.iter().map(|&row| confidences[row]).collect();
        let hits: Vec<bool> = guesses.iter().zip(&truths).map(|(guess, truth)| guess == truth).collect();
        vec![macro_f1(&guesses, &truths, classes), ece(&sure, &hits).filter(|_| line == 0)]
    });
    part(labelled.len(), &LINES, &NAMES, figures)
}
