//! Fits all heads and writes the weights file. The same rows and seed give the same bytes, on every machine.

use std::collections::BTreeMap;

use shared::classify::features::{BUCKETS, DENSE, Features};
use shared::classify::heads::{Head, OUTPUTS};
use shared::classify::murmur::murmur3;
use shared::classify::weights::{Parts, Scale};

use super::calibrate::{Calibration, platt};
use super::encode::{Encoder, FEATURES};
use super::logistic::{Example, Linear, Sparse};
use super::metrics::as_f64;
use super::recipe::{Recipe, class_of, target};
use super::rows::Row;

/// Parts of the rows: each is scored once by a fit without it, for the calibration.
const FOLDS: u32 = 5;

/// Rounds of the fit.
const ROUNDS: usize = 100;

/// What was fitted for one head.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Which.
    pub head: Head,
    /// On how many rows.
    pub rows: usize,
    encoder: Encoder,
    model: Linear,
    calibration: Calibration,
}

/// Fits one head. None without a row for it.
#[must_use]
pub fn fit(rows: &[Row], head: Head, seed: u64) -> Option<Fitted> {
    let recipe = Recipe::of(head);
    let mut labelled: Vec<Labelled> = rows.iter().filter_map(|row| Labelled::of(row, head, seed)).collect();
    if labelled.is_empty() {
        return None;
    }
    // The order of files and lines does not matter.
    labelled.sort_by(|a, b| (&a.id, &a.text).cmp(&(&b.id, &b.text)));
    let count = labelled.len();
    labelled.extend(if head == Head::Agent { names(rows, seed) } else { Vec::new() });
    let features: Vec<Features> = labelled.iter().map(|row| Features::of(&row.text)).collect();
    let encoder = Encoder::of(&features[..count].iter().collect::<Vec<_>>(), recipe.hashed, recipe.dense);
    let sparse: Vec<Sparse> = features.iter().map(|features| encoder.encode(features)).collect();
    let weights = balance(&labelled, recipe.balance);
    let fit_without = |fold: Option<u32>| {
        let examples: Vec<Example<'_>> = (0..labelled.len())
            .filter(|&row| Some(labelled[row].fold) != fold)
            .map(|row| Example { features: &sparse[row], target: &labelled[row].target, weight: weights[row] })
            .collect();
        Linear::fit(&examples, FEATURES, recipe.ridge, ROUNDS)
    };
    let parts: Vec<Linear> = (0..FOLDS).map(|fold| fit_without(Some(fold))).collect();
    let rows = labelled.iter().zip(&sparse).take(count);
    let scores: Vec<Vec<f64>> = rows.map(|(row, sparse)| parts[row.fold as usize].scores(sparse)).collect();
    let classes: Vec<usize> = labelled[..count].iter().map(|row| row.class).collect();
    let calibration = platt(&scores, &classes);
    Some(Fitted { head, rows: count, encoder, model: fit_without(None), calibration })
}

/// A text to learn from.
struct Labelled {
    id: String,
    text: String,
    class: usize,
    target: Vec<f32>,
    /// Which part it is in. Texts about one agent are in one part.
    fold: u32,
}

impl Labelled {
    fn of(row: &Row, head: Head, seed: u64) -> Option<Self> {
        let class = class_of(row, head)?;
        let group = row.agent_name.as_ref().unwrap_or(&row.id);
        let fold = murmur3(format!("{seed} {group}").as_bytes()) % FOLDS;
        let (id, text) = (row.id.clone(), row.text.clone());
        Some(Self { id, text, class, target: target(row, head, class), fold })
    }
}

/// Returns the agents' names as texts: short, and to the point.
fn names(rows: &[Row], seed: u64) -> Vec<Labelled> {
    let mut names = BTreeMap::new();
    for row in rows {
        let labelled = Labelled::of(row, Head::Agent, seed);
        if let (Some(labelled), Some(name)) = (labelled, &row.agent_name) {
            let text = name.replace('-', " ");
            names.insert((&row.source, name), Labelled { text, ..labelled });
        }
    }
    names.into_values().collect()
}

/// Returns how much each row counts: its class's frequency, against that of the most frequent, to minus the power.
fn balance(labelled: &[Labelled], power: f64) -> Vec<f64> {
    let mut counts = [0_usize; OUTPUTS];
    for row in labelled {
        counts[row.class] += 1;
    }
    let most = as_f64(counts.iter().copied().max().unwrap_or(1));
    // Square roots alone, which are exact everywhere: the powers are halves and quarters.
    let weight = |class: usize| {
        let root = (most / as_f64(counts[class])).sqrt();
        if power >= 0.5 {
            root
        } else if power >= 0.25 {
            root.sqrt()
        } else {
            1.0
        }
    };
    labelled.iter().map(|row| weight(row.class)).collect()
}

/// Returns the bytes of the weights file. A head that was not fitted says nothing.
#[must_use]
pub fn weights(fitted: &[Fitted]) -> Vec<u8> {
    let neutral = Scale { scale: 1.0, intercept: 0.0, slope: 1.0, offset: 0.0 };
    let mut parts = Parts {
        versions: Head::ALL.map(|head| Recipe::of(head).version),
        scales: [neutral; OUTPUTS],
        means: vec![[0.0; DENSE]; Head::ALL.len()],
        dense: vec![[0.0; OUTPUTS]; DENSE],
        hashed: vec![[0; OUTPUTS]; BUCKETS],
    };
    for fitted in fitted {
        write(fitted, &mut parts);
    }
    parts.to_bytes()
}

#[expect(clippy::cast_possible_truncation, reason = "single precision and bytes are what the file holds")]
fn write(fitted: &Fitted, parts: &mut Parts) {
    let Fitted { head, encoder, model, calibration, .. } = fitted;
    let outputs = head.outputs();
    for (mean, value) in parts.means[*head as usize].iter_mut().zip(&encoder.means) {
        *mean = *value as f32;
    }
    for (place, output) in outputs.clone().enumerate() {
        let weight = |feature: usize| model.weights[feature * outputs.len() + place];
        let largest = (0..BUCKETS).map(|bucket| weight(bucket).abs()).fold(0.0, f64::max);
        // A byte's steps; weights are multiplied by the encoder's number here, texts are not any more.
        let step = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        for bucket in 0..BUCKETS {
            parts.hashed[bucket][output] = (weight(bucket) / step).round() as i8;
        }
        let mut intercept = weight(FEATURES);
        for count in 0..DENSE {
            let slope = weight(BUCKETS + count) * encoder.factors[count];
            parts.dense[count][output] = slope as f32;
            intercept -= slope * encoder.means[count];
        }
        parts.scales[output] = Scale {
            scale: (step * encoder.hashed) as f32,
            intercept: intercept as f32,
            slope: calibration.slope as f32,
            offset: calibration.offsets[place] as f32,
        };
    }
}
