//! The figures a router is judged by, of scores and what came out. Pure; each is tested on examples worked by hand.

use super::random::Random;

/// Draws for the order of rows whose scores are equal.
pub const TIE_DRAWS: usize = 5;

/// Returns the probability that a row with the label scores above one without, ties half. None without both kinds.
#[must_use]
pub fn auroc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let positives = labels.iter().filter(|label| **label).count();
    let negatives = labels.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let (mut wins, mut below, mut at) = (0.0, 0.0, 0);
    while at < order.len() {
        let mut end = at;
        let (mut yes, mut no) = (0.0, 0.0);
        while end < order.len() && scores[order[end]].total_cmp(&scores[order[at]]).is_eq() {
            if labels[order[end]] {
                yes += 1.0;
            } else {
                no += 1.0;
            }
            end += 1;
        }
        wins += yes * (below + no / 2.0);
        below += no;
        at = end;
    }
    Some(wins / (as_f64(positives) * as_f64(negatives)))
}

/// How quality grows with the share of calls that go to the strong model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// Mean recovered part of the gap over all shares of strong calls; 0.5 is chance.
    pub apgr: f64,
    /// Smallest share of strong calls that recovers 50, 80 and 95 % of the gap.
    pub cpt: [f64; 3],
    /// Largest share of strong calls avoided while quality stays at 98 % of the strong model's.
    pub saved_at_2pct: f64,
}

/// The parts of the gap in [`Curve::cpt`].
pub const CPT: [f64; 3] = [0.5, 0.8, 0.95];

/// Quality that [`Curve::saved_at_2pct`] keeps, as a part of the strong model's.
const FLOOR: f64 = 0.98;

/// A row's score with what each model made of it.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// The higher, the sooner the row goes to the weak model.
    pub score: f64,
    /// Quality of the weak model's answer, 0 to 1.
    pub weak: f64,
    /// Quality of the strong model's answer, 0 to 1.
    pub strong: f64,
}

/// Returns the curve, the mean over draws of the order of equal scores. None when the strong model is not the better one.
#[must_use]
pub fn curve(outcomes: &[Outcome], random: &mut Random) -> Option<Curve> {
    let mut rows: Vec<(f64, f64)> = outcomes.iter().map(|row| (row.score, row.strong - row.weak)).collect();
    let weak: f64 = outcomes.iter().map(|row| row.weak).sum();
    let strong: f64 = outcomes.iter().map(|row| row.strong).sum();
    if rows.is_empty() || strong <= weak {
        return None;
    }
    let mut mean = Curve { apgr: 0.0, cpt: [0.0; 3], saved_at_2pct: 0.0 };
    let part = 1.0 / as_f64(TIE_DRAWS);
    for _ in 0..TIE_DRAWS {
        random.shuffle(&mut rows);
        // A stable sort keeps the order of the draw among equals; the lowest scores go to the strong model first.
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let drawn = curve_of(&rows, weak, strong);
        mean.apgr += part * drawn.apgr;
        mean.saved_at_2pct += part * drawn.saved_at_2pct;
        for (mean, drawn) in mean.cpt.iter_mut().zip(drawn.cpt) {
            *mean += part * drawn;
        }
    }
    Some(mean)
}

/// Returns the curve of rows in the order in which they go to the strong model.
fn curve_of(rows: &[(f64, f64)], weak: f64, strong: f64) -> Curve {
    let count = as_f64(rows.len());
    let gap = strong - weak;
    let (mut area, mut gained) = (0.0, 0.0);
    let mut cpt = [1.0_f64; 3];
    let mut reached = [false; 3];
    // With no strong call at all, the quality may already do.
    let mut saved = if weak >= FLOOR * strong { 1.0 } else { 0.0_f64 };
    for (done, (_, gain)) in rows.iter().enumerate() {
        let before = gained / gap;
        gained += gain;
        let after = gained / gap;
        area += f64::midpoint(before, after) / count;
        let share = as_f64(done + 1) / count;
        for ((cpt, reached), part) in cpt.iter_mut().zip(&mut reached).zip(CPT) {
            // A sum of tenths that should be the part may fall short of it by a rounding.
            if !*reached && after >= part - 1e-9 {
                (*cpt, *reached) = (share, true);
            }
        }
        if weak + gained >= FLOOR * strong - 1e-9 {
            saved = saved.max(1.0 - share);
        }
    }
    Curve { apgr: area, cpt, saved_at_2pct: saved }
}

/// Returns how far probabilities lie from frequencies: ten bins of equal width, the mean distance by rows.
#[must_use]
pub fn ece(probabilities: &[f64], labels: &[bool]) -> Option<f64> {
    let mut bins = [(0.0, 0.0); 10];
    for (probability, label) in probabilities.iter().zip(labels) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
        let bin = (probability * 10.0).clamp(0.0, 9.0) as usize;
        bins[bin].0 += probability;
        bins[bin].1 += f64::from(u8::from(*label));
    }
    let distance: f64 = bins.iter().map(|(expected, seen)| (expected - seen).abs()).sum();
    (!labels.is_empty()).then(|| distance / as_f64(labels.len()))
}

/// Returns the mean over classes of the harmonic mean of precision and recall. Classes that neither occur nor are guessed do not count.
#[must_use]
pub fn macro_f1(guesses: &[usize], truths: &[usize], classes: usize) -> Option<f64> {
    let mut sums = vec![[0.0; 2]; classes];
    for (&guess, &truth) in guesses.iter().zip(truths) {
        sums[guess][1] += 1.0;
        sums[truth][1] += 1.0;
        if guess == truth {
            sums[guess][0] += 2.0;
        }
    }
    let scores: Vec<f64> = sums.iter().filter(|sums| sums[1] > 0.0).map(|[hits, all]| hits / all).collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / as_f64(scores.len()))
}

/// Returns the share of labels among the `coverage` of rows that score highest; a group of equals is counted by its share.
#[must_use]
pub fn precision_at(scores: &[f64], labels: &[bool], coverage: f64) -> Option<f64> {
    let wanted = (coverage * as_f64(scores.len())).round().max(1.0);
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut hits) = (0.0, 0.0);
    for equals in rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let count = as_f64(equals.len());
        let part = ((wanted - taken) / count).min(1.0);
        hits += part * as_f64(equals.iter().filter(|(_, label)| *label).count());
        taken += part * count;
        if taken >= wanted {
            break;
        }
    }
    (taken > 0.0).then(|| hits / taken)
}

/// Returns the largest share of rows, taken from the highest score, of which at least `precision` have the label.
#[must_use]
pub fn coverage_at(scores: &[f64], labels: &[bool], precision: f64) -> Option<f64> {
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut hits, mut best) = (0.0, 0.0, 0.0);
    for equals in rows.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        taken += as_f64(equals.len());
        hits += as_f64(equals.iter().filter(|(_, label)| *label).count());
        if hits >= precision * taken {
            best = taken;
        }
    }
    (!rows.is_empty()).then(|| best / as_f64(rows.len()))
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub(super) fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Option<f64>, b: f64) {
        assert!(a.is_some_and(|a| (a - b).abs() < 1e-12), "{a:?}, not {b}");
    }

    fn outcomes(rows: &[(f64, f64, f64)]) -> Vec<Outcome> {
        rows.iter().map(|&(score, weak, strong)| Outcome { score, weak, strong }).collect()
    }

    #[test]
    fn auroc_counts_pairs_and_half_of_ties() {
        let labels = [true, false, true, false];
        near(auroc(&[0.9, 0.1, 0.8, 0.2], &labels), 1.0);
        near(auroc(&[0.1, 0.9, 0.2, 0.8], &labels), 0.0);
        near(auroc(&[0.5; 4], &labels), 0.5);
        // Pairs (yes, no): 3>1, 3>2, 2>1, 2=2.
        near(auroc(&[3.0, 1.0, 2.0, 2.0], &labels), 3.5 / 4.0);
        assert_eq!(auroc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(auroc(&[], &[]), None);
    }

    #[test]
    fn the_curve_of_four_rows() {
        // Weak 2 of 4, strong 4 of 4: the two rows the weak model fails on go first.
        let rows = outcomes(&[(0.1, 0.0, 1.0), (0.2, 0.0, 1.0), (0.8, 1.0, 1.0), (0.9, 1.0, 1.0)]);
        let curve = curve(&rows, &mut Random::new(1, 0)).expect("a gap");
        // Recovered after 0..=4 calls: 0, 1/2, 1, 1, 1; trapezia: 1/4 + 3/4 + 1 + 1, over 4.
        near(Some(curve.apgr), 0.75);
        for (found, expected) in curve.cpt.into_iter().zip([0.25, 0.5, 0.5]) {
            near(Some(found), expected);
        }
        near(Some(curve.saved_at_2pct), 0.5);
    }

    #[test]
    fn the_curve_of_the_worst_order_and_of_no_gap() {
        let rows = outcomes(&[(0.9, 0.0, 1.0), (0.1, 1.0, 1.0)]);
        let worst = curve(&rows, &mut Random::new(1, 0)).expect("a gap");
        near(Some(worst.apgr), 0.25);
        near(Some(worst.cpt.iter().sum()), 3.0);
        near(Some(worst.saved_at_2pct), 0.0);
        assert_eq!(curve(&outcomes(&[(0.9, 1.0, 1.0)]), &mut Random::new(1, 0)), None);
        assert_eq!(curve(&[], &mut Random::new(1, 0)), None);
    }

    #[test]
    fn a_weak_model_that_wins_somewhere_can_recover_more_than_the_gap() {
        // Strong first where it gains (+1), last where it loses (-1, then +1 in between).
        let rows = outcomes(&[(0.1, 0.0, 1.0), (0.2, 0.0, 1.0), (0.9, 1.0, 0.0)]);
        let curve = curve(&rows, &mut Random::new(1, 0)).expect("a gap");
        // Recovered: 0, 1, 2, 1.
        near(Some(curve.apgr), (0.5 + 1.5 + 1.5) / 3.0);
        near(Some(curve.cpt[2]), 1.0 / 3.0);
        near(Some(curve.saved_at_2pct), 2.0 / 3.0);
    }

    #[test]
    fn equal_scores_are_drawn() {
        let rows: Vec<Outcome> =
            (0..1000).map(|n| Outcome { score: 0.5, weak: f64::from(n % 2), strong: 1.0 }).collect();
        let curve = curve(&rows, &mut Random::new(7, 0)).expect("a gap");
        assert!((curve.apgr - 0.5).abs() < 0.03, "{curve:?}");
    }

    #[test]
    fn calibration_error_by_bins() {
        near(ece(&[0.15, 0.15, 0.85, 0.85], &[false, false, true, true]), 0.15);
        // One bin: 0.75 expected, 0.5 seen; bounds belong to the bin above, 1 to the last.
        near(ece(&[0.72, 0.78], &[true, false]), 0.25);
        near(ece(&[1.0, 0.0], &[true, false]), 0.0);
        assert_eq!(ece(&[], &[]), None);
    }

    #[test]
    fn macro_f1_by_hand() {
        // Class 0: 1 hit, 2 guessed, 1 true: 2/3. Class 1: 1 hit, 1 guessed, 2 true: 2/3. Class 2 nowhere.
        near(macro_f1(&[0, 0, 1], &[0, 1, 1], 3), 2.0 / 3.0);
        // Class 2 guessed but never true counts as 0.
        near(macro_f1(&[0, 2], &[0, 0], 3), (2.0 / 3.0) / 2.0);
        assert_eq!(macro_f1(&[], &[], 3), None);
    }

    #[test]
    fn precision_and_coverage() {
        let scores = [0.9, 0.8, 0.7, 0.6];
        let labels = [true, true, false, true];
        near(precision_at(&scores, &labels, 0.5), 1.0);
        near(precision_at(&scores, &labels, 0.75), 2.0 / 3.0);
        near(precision_at(&[0.5; 4], &labels, 0.25), 0.75);
        near(coverage_at(&scores, &labels, 0.9), 0.5);
        near(coverage_at(&scores, &labels, 0.7), 1.0);
        near(coverage_at(&[0.5; 4], &labels, 0.9), 0.0);
    }
}
