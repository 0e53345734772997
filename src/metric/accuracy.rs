//! The share of right answers.

use super::places::{self, hit};
use super::{Metric, MetricPass, Tally, add_to_mean, mean_of};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The share of places whose largest output is at the target's index (the first one of equal outputs). A single output is a logit: above 0
/// it says class 1, else class 0.
///
/// ```
/// use downhill::metric::{self, Accuracy};
/// use ndarray::array;
/// let scores = array![[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]].into_dyn();
/// assert_eq!(metric::measure(&Accuracy, &[scores], vec![0, 1, 1], None)?, 2.0 / 3.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy;

impl<F: Scalar> Metric<F> for Accuracy {
    fn name(&self) -> String {
        "accuracy".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        places::check("accuracy", outputs, targets).map(|_| ())
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        places::each(
            || "accuracy".to_owned(),
            &pass,
            |place| {
                add_to_mean(
                    tally,
                    hit(place.answer().map(|answer| answer == place.label)),
                    place.weight,
                );
            },
        )
    }

    fn value(&self, tally: &Tally) -> f64 {
        mean_of(tally)
    }
}

/// The share of places whose target is among the `k` classes of the largest outputs; of equal outputs the first ones come first, so that
/// `k = 1` is [`Accuracy`].
///
/// ```
/// use downhill::metric::{self, TopK};
/// use ndarray::array;
/// let scores = array![[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]].into_dyn();
/// assert_eq!(metric::measure(&TopK { k: 2 }, &[scores], vec![1, 2], None)?, 0.5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopK {
    /// How many classes count. Default: 5.
    pub k: usize,
}

impl Default for TopK {
    fn default() -> Self {
        Self { k: 5 }
    }
}

impl TopK {
    fn title(&self) -> String {
        format!("top_{}_accuracy", self.k)
    }
}

impl<F: Scalar> Metric<F> for TopK {
    fn name(&self) -> String {
        self.title()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let classes = places::check(&self.title(), outputs, targets)?.max(2);
        let allowed = (1..=classes).contains(&self.k);
        let expected = format!("a number from 1 to {classes}, the number of classes");
        require::that(allowed, "k of TopK", self.k, &expected)
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        places::each(
            || self.title(),
            &pass,
            |place| {
                let right = match (place.answer(), place.scores) {
                    (None, _) => None,
                    (Some(answer), [_]) => Some(answer == place.label || self.k > 1),
                    (Some(_), scores) => {
                        let (before, rest) = scores.split_at(place.label);
                        let own = scores[place.label];
                        let ahead = before.iter().filter(|&&score| score >= own).count()
                            + rest.iter().filter(|&&score| score > own).count();
                        Some(ahead < self.k)
                    }
                };
                add_to_mean(tally, hit(right), place.weight);
            },
        )
    }

    fn value(&self, tally: &Tally) -> f64 {
        mean_of(tally)
    }
}

/// The share of single outputs on the right side of a threshold: above it the answer is class 1, else class 0.
///
/// Targets are class indices below 2, or the numbers 0 and 1.
///
/// ```
/// use downhill::metric::{self, BinaryAccuracy};
/// use ndarray::array;
/// let probabilities = array![[0.4], [0.6], [0.9]].into_dyn();
/// let metric = BinaryAccuracy { threshold: 0.5 };
/// assert_eq!(metric::measure(&metric, &[probabilities], array![[0.0], [0.0], [1.0]], None)?, 2.0 / 3.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryAccuracy {
    /// Outputs above this say class 1. Default: 0, the logit of probability ½; for probabilities choose 0.5.
    pub threshold: f64,
}

impl Default for BinaryAccuracy {
    fn default() -> Self {
        Self { threshold: 0.0 }
    }
}

impl<F: Scalar> Metric<F> for BinaryAccuracy {
    fn name(&self) -> String {
        "binary_accuracy".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        require::finite("threshold of BinaryAccuracy", self.threshold)?;
        match places::check("binary_accuracy", outputs, targets)? {
            1 => Ok(()),
            _ => Err(Error::shape(
                "binary_accuracy",
                "a single output for each target",
                outputs.first().cloned().unwrap_or_default(),
                "use Accuracy for several classes",
            )),
        }
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        places::each(
            || "binary_accuracy".to_owned(),
            &pass,
            |place| {
                let output = place.scores.first().map_or(f64::NAN, |output| output.as_f64());
                let says_one = (!output.is_nan()).then_some(output > self.threshold);
                add_to_mean(
                    tally,
                    hit(says_one.map(|one| one == (place.label == 1))),
                    place.weight,
                );
            },
        )
    }

    fn value(&self, tally: &Tally) -> f64 {
        mean_of(tally)
    }
}
