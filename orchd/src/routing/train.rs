//! Fits all heads and writes the weights file. The same rows and seed give the same bytes, on every machine.

use std::collections::{BTreeMap, BTreeSet};

use shared::classify::features::{DENSE, Features};
use shared::classify::heads::{Head, OUTPUTS};
use shared::classify::murmur::murmur3;
use shared::classify::vocabulary::{ROW, SLOTS, WIDE, arrange, row_and_mark};
use shared::classify::weights::{Parts, Scale};

use super::calibrate::{Calibration, platt};
use super::encode::{Encoder, words_of};
use super::logistic::{Example, Linear, Sparse};
use super::metrics::as_f64;
use super::recipe::{Recipe, class_of, target};
use super::rows::Row;

/// Parts of the rows: each is scored once by a fit without it, for the calibration.
const FOLDS: u32 = 5;

/// Rounds of the fit.
const ROUNDS: usize = 100;

/// A word that fewer rows hold is not looked at.
const LEAST_ROWS: usize = 3;

/// What was fitted for one head.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Which.
    pub head: Head,
    /// On how many rows.
    pub rows: usize,
    model: Model,
    calibration: Calibration,
}

/// Fits one head. None without a row for it.
#[must_use]
pub fn fit(rows: &[Row], head: Head, seed: u64) -> Option<Fitted> {
    let mut labelled: Vec<Labelled> = rows.iter().filter_map(|row| Labelled::of(row, &row.text, head, seed)).collect();
    if labelled.is_empty() {
        return None;
    }
    // The order of files and lines does not matter.
    labelled.sort_by(|a, b| (&a.id, &a.text).cmp(&(&b.id, &b.text)));
    let names = if head == Head::Agent { names(rows, seed) } else { Vec::new() };
    let recipe = Recipe::of(head);
    // Each part is scored by a fit that saw nothing of it, not even which words matter.
    let fit_without = |fold: Option<u32>| {
        let rows = labelled.iter().chain(&names).filter(|row| Some(row.fold) != fold);
        Model::fit(&rows.collect::<Vec<_>>(), recipe)
    };
    let parts: Vec<Model> = (0..FOLDS).map(|fold| fit_without(Some(fold))).collect();
    let scores: Vec<Vec<f64>> = labelled.iter().map(|row| parts[row.fold as usize].scores(&row.features)).collect();
    let classes: Vec<usize> = labelled.iter().map(|row| row.class).collect();
    let calibration = platt(&scores, &classes);
    Some(Fitted { head, rows: labelled.len(), model: fit_without(None), calibration })
}

/// What a head learned: the words it knows, and the weights.
#[derive(Debug, Clone)]
struct Model {
    encoder: Encoder,
    linear: Linear,
    /// How far each word moves the scores, over all rows.
    effects: Vec<f64>,
}

impl Model {
    /// Fits to all words, then to those alone that moved the scores most: fewer words share what the rows tell, and fewer have to be kept.
    fn fit(rows: &[&Labelled], recipe: Recipe) -> Self {
        let features: Vec<&Features> = rows.iter().map(|row| &row.features).collect();
        let every = Self::of(words_of(&features, LEAST_ROWS), rows, recipe);
        let mut weightiest: Vec<usize> = (0..every.effects.len()).collect();
        weightiest.sort_by(|&a, &b| every.effects[b].total_cmp(&every.effects[a]));
        let mut words: Vec<u32> =
            weightiest.into_iter().take(recipe.vocabulary).map(|word| every.encoder.words[word]).collect();
        words.sort_unstable();
        Self::of(words, rows, recipe)
    }

    fn of(words: Vec<u32>, rows: &[&Labelled], recipe: Recipe) -> Self {
        let features: Vec<&Features> = rows.iter().map(|row| &row.features).collect();
        let encoder = Encoder::of(words, &features, recipe);
        let sparse: Vec<Sparse> = features.iter().map(|features| encoder.encode(features)).collect();
        let weights = balance(rows, recipe.balance);
        let examples: Vec<Example<'_>> = rows
            .iter()
            .zip(&sparse)
            .zip(weights)
            .map(|((row, features), weight)| Example { features, target: &row.target, weight })
            .collect();
        let linear = Linear::fit(&examples, encoder.features(), recipe.ridge, ROUNDS);
        let mut squares = vec![0.0; encoder.features()];
        for &(feature, value) in sparse.iter().flatten() {
            squares[feature as usize] += f64::from(value) * f64::from(value);
        }
        let effect = |word: usize| {
            let weights = &linear.weights[word * linear.outputs..][..linear.outputs];
            weights.iter().map(|weight| weight * weight).sum::<f64>() * squares[word] / as_f64(rows.len())
        };
        let effects = (0..encoder.words.len()).map(|word| effect(word).sqrt()).collect();
        Self { encoder, linear, effects }
    }

    fn scores(&self, features: &Features) -> Vec<f64> {
        self.linear.scores(&self.encoder.encode(features))
    }
}

/// A text to learn from.
struct Labelled {
    id: String,
    text: String,
    features: Features,
    class: usize,
    target: Vec<f32>,
    /// Which part it is in. Texts about one agent are in one part.
    fold: u32,
}

impl Labelled {
    /// Takes the text for one with the row's label; None where the row has none for the head.
    fn of(row: &Row, text: &str, head: Head, seed: u64) -> Option<Self> {
        let class = class_of(row, head)?;
        let group = row.agent_name.as_ref().unwrap_or(&row.id);
        let fold = murmur3(format!("{seed} {group}").as_bytes()) % FOLDS;
        let (id, text, features) = (row.id.clone(), text.to_owned(), Features::of(text));
        Some(Self { id, text, features, class, target: target(row, head, class), fold })
    }
}

/// Returns the agents' names as texts: short, and to the point.
fn names(rows: &[Row], seed: u64) -> Vec<Labelled> {
    let mut names = BTreeMap::new();
    for row in rows {
        let Some(name) = &row.agent_name else { continue };
        if let Some(labelled) = Labelled::of(row, &name.replace('-', " "), Head::Agent, seed) {
            names.insert((&row.source, name), labelled);
        }
    }
    names.into_values().collect()
}

/// Returns how much each row counts: its class's frequency, against that of the most frequent, to minus the power.
fn balance(labelled: &[&Labelled], power: f64) -> Vec<f64> {
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

/// A weights file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many words and pairs of words the heads know together.
    pub words: usize,
    /// How many of them found a slot for all they say: what the others say is lost.
    pub kept: usize,
}

/// Returns the weights file. A head that was not fitted says nothing.
#[must_use]
pub fn weights(fitted: &[Fitted]) -> Written {
    let neutral = Scale { scale: 1.0, intercept: 0.0, slope: 1.0, offset: 0.0 };
    let of = |is_wide: bool| fitted.iter().filter(move |fitted| (fitted.head.outputs().len() > 1) == is_wide);
    let [wide, narrow] = [true, false].map(|is_wide| vocabulary(of(is_wide).map(|fitted| &fitted.model)));
    let slots = arrange(wide.iter().copied(), narrow.iter().copied());
    let mut parts = Parts {
        versions: Head::ALL.map(|head| Recipe::of(head).version),
        scales: [neutral; OUTPUTS],
        means: vec![[0.0; DENSE]; Head::ALL.len()],
        dense: vec![[0.0; OUTPUTS]; DENSE],
        marks: slots.iter().map(|gram| gram.map_or(0, |gram| row_and_mark(gram).1)).collect(),
        words: vec![[0; OUTPUTS]; SLOTS],
    };
    for fitted in fitted {
        write(fitted, &slots, &mut parts);
    }
    let wide: BTreeSet<u32> = wide.into_iter().collect();
    let is_whole = |&(slot, gram): &(usize, u32)| slot % ROW < WIDE || !wide.contains(&gram);
    let placed = slots.iter().enumerate().filter_map(|(slot, gram)| Some((slot, (*gram)?)));
    let kept = placed.filter(is_whole).count();
    Written { bytes: parts.to_bytes(), words: wide.union(&narrow.into_iter().collect()).count(), kept }
}

/// Returns the words of all heads, the weightiest first: by the sum of the parts they have in what moves each head.
fn vocabulary<'a>(models: impl Iterator<Item = &'a Model>) -> Vec<u32> {
    let mut parts: BTreeMap<u32, f64> = BTreeMap::new();
    for model in models {
        let all = model.effects.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        for (&gram, effect) in model.encoder.words.iter().zip(&model.effects) {
            *parts.entry(gram).or_default() += effect / all;
        }
    }
    let mut words: Vec<(u32, f64)> = parts.into_iter().collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    words.into_iter().map(|(gram, _)| gram).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "single precision and bytes are what the file holds")]
fn write(fitted: &Fitted, slots: &[Option<u32>], parts: &mut Parts) {
    let Fitted { head, model: Model { encoder, linear, .. }, calibration, .. } = fitted;
    let outputs = head.outputs();
    for (mean, value) in parts.means[*head as usize].iter_mut().zip(&encoder.means) {
        *mean = *value as f32;
    }
    for (place, output) in outputs.clone().enumerate() {
        let weight = |feature: usize| linear.weights[feature * outputs.len() + place];
        let words = encoder.words.len();
        let largest = (0..words).map(|word| weight(word).abs()).fold(0.0, f64::max);
        // A byte's steps; weights are multiplied by the encoder's number here, texts are not any more.
        let step = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        for (slot, gram) in slots.iter().enumerate() {
            let word = gram.and_then(|gram| encoder.words.binary_search(&gram).ok());
            parts.words[slot][output] = word.map_or(0, |word| (weight(word) / step).round() as i8);
        }
        let mut intercept = weight(encoder.features());
        for count in 0..DENSE {
            let slope = weight(words + count) * encoder.factors[count];
            parts.dense[count][output] = slope as f32;
            intercept -= slope * encoder.means[count];
        }
        parts.scales[output] = Scale {
            scale: (step * encoder.freedom) as f32,
            intercept: intercept as f32,
            slope: calibration.slope as f32,
            offset: calibration.offsets[place] as f32,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(text: &str, class: usize) -> Labelled {
        let target = vec![f32::from(u8::from(class > 0))];
        Labelled { id: text.to_owned(), text: text.to_owned(), features: Features::of(text), class, target, fold: 0 }
    }

    #[test]
    fn the_word_that_tells_is_the_one_that_is_known() {
        let rows: Vec<Labelled> = [
            "rename it now",
            "rename that then",
            "rename this soon",
            "rewrite it now",
            "drop that then",
            "move this soon",
        ]
        .iter()
        .enumerate()
        .map(|(n, text)| labelled(text, usize::from(n < 3)))
        .collect();
        let recipe = Recipe { vocabulary: 1, ..Recipe::of(Head::Small) };
        let model = Model::fit(&rows.iter().collect::<Vec<_>>(), recipe);
        // The pair with the beginning of the text tells as much; of equals the lower hash is taken.
        let rename = murmur3(b"rename");
        let first = shared::classify::features::pair_hash(murmur3(b"^"), rename);
        assert_eq!(model.encoder.words, [rename.min(first)]);
        assert!(model.effects[0] > 0.0 && model.effects.len() == 1);
    }

    #[test]
    fn words_of_all_heads_stand_by_their_part_in_each() {
        let model = |words: &[u32], effects: &[f64]| {
            let encoder = Encoder::of(words.to_vec(), &[], Recipe::of(Head::Small));
            Model { encoder, linear: Linear { outputs: 1, weights: Vec::new() }, effects: effects.to_vec() }
        };
        // Of the first head 7 moves three quarters, of the second 9 all; 8 and 3 move as little.
        let models = [model(&[3, 7, 8], &[1.0, 6.0, 1.0]), model(&[9], &[0.01])];
        assert_eq!(vocabulary(models.iter()), [9, 7, 3, 8]);
    }
}
