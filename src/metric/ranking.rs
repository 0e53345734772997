//! How well scores put the samples of a class before the others.

use super::places::{self, Place};
use super::{Metric, MetricPass, Tally};
use crate::data::TargetKind;
use crate::error::Error;
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What the area under a curve means for more than two classes.
///
/// ```
/// use downhill::metric::{self, MultiClass, RocAuc};
/// use ndarray::array;
/// let scores = array![[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [1.0, 0.0, 2.0], [2.0, 0.0, 1.0]].into_dyn();
/// for multi_class in [MultiClass::OneVsRest, MultiClass::OneVsOne] {
///     let area = metric::measure(&RocAuc { multi_class }, &[scores.clone()], vec![0, 1, 2, 0], None)?;
///     assert_eq!(area, 1.0); // each class has the highest scores where it is the target
/// }
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MultiClass {
    /// The mean over the classes, each against all others.
    #[default]
    OneVsRest,
    /// The mean over all pairs of classes and both directions, each among the samples of the pair alone (Hand and Till 2001): it does not
    /// depend on how frequent the classes are.
    OneVsOne,
}

/// The area under the receiver operating characteristic: the probability that a sample of a class has a higher score for it than a sample of
/// another class; equal scores count half.
///
/// Outputs are logits: one (targets 0 and 1, numbers or class indices), or one for each class; for more than two classes samples are compared
/// by the softmax. The value is exact, and so the tally keeps every score. NaN if a class has no samples.
///
/// ```
/// use downhill::metric::{self, RocAuc};
/// use ndarray::array;
/// let logits = array![[0.1], [0.4], [0.35], [0.8]].into_dyn();
/// assert_eq!(metric::measure(&RocAuc::default(), &[logits], vec![0, 0, 1, 1], None)?, 0.75);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RocAuc {
    /// What is computed for more than two classes. Default: [`MultiClass::OneVsRest`].
    pub multi_class: MultiClass,
}

/// The area under precision over recall, in steps: the mean of the precision at each sample of class 1, in the order of falling scores. Samples
/// of equal scores come at once. For two classes; the tally keeps every score. NaN if class 1 has no samples.
///
/// ```
/// use downhill::metric::{self, AveragePrecision};
/// use ndarray::array;
/// let logits = array![[0.1], [0.4], [0.35], [0.8]].into_dyn();
/// let value = metric::measure(&AveragePrecision, &[logits], vec![0, 0, 1, 1], None)?;
/// assert_eq!(value, 0.5 * 1.0 + 0.5 * 2.0 / 3.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AveragePrecision;

/// A tally begins with how many scores each place has: one for two classes, else one for each class. Then for each place come its label, its
/// weight and its scores.
fn update<F: Scalar>(
    name: impl Fn() -> String,
    tally: &mut Tally,
    pass: &MetricPass<'_, F>,
) -> Result<(), Error> {
    places::each(name, pass, |place| {
        let width = if place.classes() == 2 { 1 } else { place.classes() };
        if tally.is_empty() {
            tally.push(width as f64);
        }
        tally.extend([place.label as f64, place.weight]);
        if width == 1 {
            tally.push(logit(&place));
        } else {
            tally.extend(place.log_probabilities());
        }
    })
}

fn logit<F: Scalar>(place: &Place<'_, F>) -> f64 {
    match place.scores {
        [zero, one] => one.as_f64() - zero.as_f64(),
        scores => scores.first().map_or(f64::NAN, |logit| logit.as_f64()),
    }
}

fn merge(tally: &mut Tally, other: &Tally) {
    let new = if tally.is_empty() { 0 } else { 1 };
    tally.extend_from_slice(other.get(new..).unwrap_or_default());
}

/// One sample, as a question about one class sees it.
#[derive(Clone, Copy)]
struct Ranked {
    score: f64,
    positive: bool,
    weight: f64,
}

/// The samples of a tally: labels, weights, scores.
fn samples(tally: &Tally) -> (usize, impl Iterator<Item = (usize, f64, &[f64])> + Clone) {
    let width = tally.first().map_or(1, |width| *width as usize).max(1);
    let rows = tally.get(1..).unwrap_or_default().chunks_exact(width.saturating_add(2));
    (width, rows.map(|row| (row[0] as usize, row[1], &row[2..])))
}

/// The weights (of the class, of the others) in groups of equal scores, the lowest scores first; `None` if a score is NaN.
fn groups(mut ranked: Vec<Ranked>) -> Option<Vec<(f64, f64)>> {
    if ranked.iter().any(|sample| sample.score.is_nan()) {
        return None;
    }
    ranked.sort_by(|a, b| a.score.total_cmp(&b.score));
    // By == and not by bits: 0 and −0 are equal scores.
    let same = |a: &Ranked, b: &Ranked| a.score == b.score;
    let sum = |group: &[Ranked], positive: bool| {
        group.iter().filter(|sample| sample.positive == positive).map(|sample| sample.weight).sum()
    };
    Some(ranked.chunk_by(same).map(|group| (sum(group, true), sum(group, false))).collect())
}

fn area(ranked: Vec<Ranked>) -> f64 {
    let Some(groups) = groups(ranked) else { return f64::NAN };
    let (mut positives, mut negatives, mut won) = (0.0, 0.0, 0.0);
    for (positive, negative) in groups {
        won += positive * (negatives + 0.5 * negative);
        positives += positive;
        negatives += negative;
    }
    won / (positives * negatives)
}

impl RocAuc {
    fn title(self) -> String {
        match self.multi_class {
            MultiClass::OneVsRest => "roc_auc".to_owned(),
            MultiClass::OneVsOne => "roc_auc_one_vs_one".to_owned(),
        }
    }

    fn of(self, tally: &Tally) -> f64 {
        let (width, samples) = samples(tally);
        let binary = |class: usize, score: usize, among: &dyn Fn(usize) -> bool| {
            let chosen = samples.clone().filter(|(label, ..)| among(*label));
            let ranked = chosen.map(|(label, weight, scores)| Ranked {
                score: scores[score],
                positive: label == class,
                weight,
            });
            area(ranked.collect())
        };
        if samples.clone().next().is_none() {
            return f64::NAN;
        }
        if width == 1 {
            return binary(1, 0, &|_| true);
        }
        match self.multi_class {
            MultiClass::OneVsRest => mean((0..width).map(|class| binary(class, class, &|_| true))),
            MultiClass::OneVsOne => {
                let pairs = (0..width).flat_map(|a| (0..width).map(move |b| (a, b)));
                let both = pairs.filter(|(a, b)| a != b);
                mean(both.map(|(a, b)| binary(a, a, &|label| label == a || label == b)))
            }
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

impl<F: Scalar> Metric<F> for RocAuc {
    fn name(&self) -> String {
        self.title()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        places::check(&self.title(), outputs, targets).map(|_| ())
    }

    fn start(&self) -> Tally {
        Tally::new()
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        update(|| self.title(), tally, &pass)
    }

    fn merge(&self, tally: &mut Tally, other: &Tally) {
        merge(tally, other);
    }

    fn value(&self, tally: &Tally) -> f64 {
        self.of(tally)
    }
}

impl<F: Scalar> Metric<F> for AveragePrecision {
    fn name(&self) -> String {
        "average_precision".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        match places::check("average_precision", outputs, targets)? {
            1 | 2 => Ok(()),
            _ => Err(Error::shape(
                "average_precision",
                "one logit or two scores for each target",
                outputs.first().cloned().unwrap_or_default(),
                "use RocAuc for more classes",
            )),
        }
    }

    fn start(&self) -> Tally {
        Tally::new()
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        update(|| "average_precision".to_owned(), tally, &pass)
    }

    fn merge(&self, tally: &mut Tally, other: &Tally) {
        merge(tally, other);
    }

    fn value(&self, tally: &Tally) -> f64 {
        let (_, samples) = samples(tally);
        let ranked = samples.map(|(label, weight, scores)| Ranked {
            score: scores[0],
            positive: label == 1,
            weight,
        });
        let Some(groups) = groups(ranked.collect()) else { return f64::NAN };
        let (mut positives, mut all, mut sum) = (0.0, 0.0, 0.0);
        for (positive, negative) in groups.into_iter().rev() {
            positives += positive;
            all += positive + negative;
            if positive > 0.0 {
                sum += positive * positives / all;
            }
        }
        sum / positives
    }
}
