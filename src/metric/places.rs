//! How classifiers answer: what the classification metrics have in common.

use super::MetricPass;
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// One answer of a classifier, with what it should have been.
pub(super) struct Place<'a, F> {
    /// A score for each class; or a single number, the logit of class 1 of two.
    pub(super) scores: &'a [F],
    pub(super) label: usize,
    pub(super) weight: f64,
}

impl<F: Scalar> Place<'_, F> {
    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.scores.len().max(2)
    }

    /// The class that the scores speak for, the first of equal ones; `None` if a score is NaN.
    pub(super) fn answer(&self) -> Option<usize> {
        if self.scores.iter().any(|score| score.is_nan()) {
            return None;
        }
        match self.scores {
            [logit] => Some(usize::from(*logit > F::zero())),
            scores => largest(scores),
        }
    }

    /// The logarithm of the probability of a class (softmax, or sigmoid for a single logit).
    pub(super) fn log_probability(&self, class: usize) -> f64 {
        match self.scores {
            [logit] => -softplus(if class == 1 { -logit.as_f64() } else { logit.as_f64() }),
            _ => self.log_probabilities().nth(class).unwrap_or(f64::NAN),
        }
    }

    /// The logarithms of the probabilities of all classes, by softmax.
    pub(super) fn log_probabilities(&self) -> impl Iterator<Item = f64> {
        let best = largest(self.scores).unwrap_or(0);
        let top = self.scores.get(best).map_or(f64::NAN, |score| score.as_f64());
        let others = self.scores.iter().enumerate().filter(|(i, _)| *i != best);
        // The largest term is 1 and left out of the sum, so that a probability near 1 keeps its digits.
        let rest: f64 = others.map(|(_, score)| (score.as_f64() - top).exp()).sum();
        let log_sum = rest.ln_1p();
        self.scores.iter().map(move |score| score.as_f64() - top - log_sum)
    }
}

fn largest<F: Scalar>(scores: &[F]) -> Option<usize> {
    (0..scores.len()).reduce(|best, i| if scores[i] > scores[best] { i } else { best })
}

/// ln(1 + eˣ).
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// How many scores each answer has, if these outputs can be answers to these labels.
fn width_for_classes(output: &Shape, labels: &Shape) -> Option<usize> {
    match output.split_last() {
        _ if output == labels => Some(1),
        Some((&width, places)) if places == labels.axes() && width > 0 => Some(width),
        _ => None,
    }
}

/// Checks that outputs can be answers to the targets, and tells how many scores each has: 1 stands for a logit.
pub(super) fn check(name: &str, outputs: &[Shape], targets: &TargetKind) -> Result<usize, Error> {
    let [output] = outputs else { return Err(Error::arity(name, 1, outputs.len())) };
    match targets {
        TargetKind::Classes(labels) => width_for_classes(output, labels).ok_or_else(|| {
            let expected = format!("outputs of shape {labels} with a last axis of classes");
            Error::shape(name, expected, output.clone(), "change the last layer")
        }),
        TargetKind::Values(shape) if shape == output => Ok(1),
        TargetKind::Values(shape) => {
            let expected = format!("one logit for each target, of shape {shape},");
            Err(Error::shape(
                name,
                expected,
                output.clone(),
                "change the last layer or the targets",
            ))
        }
        TargetKind::None => {
            let expected = "class indices, or 0 and 1 for logits,";
            Err(Error::target_kind(name, expected, targets.to_string()))
        }
    }
}

/// Shows each answer of the batch that has any weight. The name is only asked for if there is an error to put it in.
pub(super) fn each<F: Scalar>(
    name: impl Fn() -> String,
    pass: &MetricPass<'_, F>,
    mut see: impl FnMut(Place<'_, F>),
) -> Result<(), Error> {
    let output = pass.outputs.one();
    let bad_target = |sample, value: &dyn ToString, expected: String| {
        Err(Error::target(name(), sample, value.to_string(), expected))
    };
    match pass.targets {
        Target::Classes(target) => {
            let Some(width) = width_for_classes(output.shape(), target.shape()) else {
                check(&name(), std::slice::from_ref(output.shape()), &pass.targets.kind())?;
                return Ok(());
            };
            let places = target.shape().size().max(1);
            let pairs = output.values().chunks_exact(width).zip(target.labels());
            for (place, (scores, &label)) in pairs.enumerate() {
                let weight = pass.weight(place / places);
                if weight == 0.0 || pass.ignore_index == Some(label) {
                    continue;
                }
                let place_is = Place { scores, label, weight };
                if label >= place_is.classes() {
                    let expected = format!("a class index below {}", place_is.classes());
                    return bad_target(place / places, &label, expected);
                }
                see(place_is);
            }
            Ok(())
        }
        Target::Values(target) if target.shape() == output.shape() => {
            for (sample, (logits, values)) in output.rows().zip(target.rows()).enumerate() {
                let weight = pass.weight(sample);
                if weight == 0.0 {
                    continue;
                }
                for (logit, value) in logits.iter().zip(values) {
                    if !value.is_zero() && !value.is_one() {
                        return bad_target(sample, value, "0 or 1".to_owned());
                    }
                    let label = usize::from(value.is_one());
                    see(Place { scores: std::slice::from_ref(logit), label, weight });
                }
            }
            Ok(())
        }
        _ => check(&name(), std::slice::from_ref(output.shape()), &pass.targets.kind()).map(|_| ()),
    }
}

/// 1 for a right answer, 0 for a wrong one, NaN for none.
pub(super) fn hit(right: Option<bool>) -> f64 {
    right.map_or(f64::NAN, |right| f64::from(u8::from(right)))
}
