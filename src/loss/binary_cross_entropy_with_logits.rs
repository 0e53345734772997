//! Cross-entropy of yes or no, from logits.

use super::fit::{self, Want, is_probability};
use super::walk::each_number;
use super::{ElementLoss, Loss, LossPass, Total, per_class};
use crate::data::TargetKind;
use crate::error::Error;
use crate::layer::{Activation, LogSigmoid, Sigmoid};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The cross-entropy of yes or no from logits x: −`positive_weights` · t ln σ(x) − (1 − t) ln σ(−x), times `class_weights`.
///
/// For a question with two answers, or many labels any number of which can be right (where it is also called *multi-label soft margin*). Finite
/// for every finite logit. Takes one output of any shape and targets of the same shape in [0, 1]. Cox: *The regression analysis of binary
/// sequences* (Journal of the Royal Statistical Society B 20, 1958).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, BinaryCrossEntropyWithLogits};
/// use ndarray::array;
/// let loss = BinaryCrossEntropyWithLogits { positive_weights: Some(vec![3.0]), ..Default::default() };
/// let (total, _) = loss::measure(&loss, &[array![[0.0, 1e4]].into_dyn()], array![[1.0, 0.0]], None)?;
/// assert!((total.mean() - (3.0 * 2.0_f64.ln() + 1e4) / 2.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BinaryCrossEntropyWithLogits {
    /// How much a yes counts, against 1 for a no: one number of 0 or more, or one for each position on the last axis; `None`, the default, for 1.
    pub positive_weights: Option<Vec<f64>>,
    /// How much a position on the last axis counts: one number of 0 or more for each; `None`, the default, for 1. The mean is over all positions
    /// alike.
    pub class_weights: Option<Vec<f64>>,
}

impl<F: Scalar> Loss<F> for BinaryCrossEntropyWithLogits {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        let classes = output.last().copied().unwrap_or(1);
        per_class::check(
            "BinaryCrossEntropyWithLogits::positive_weights",
            &self.positive_weights,
            classes,
        )?;
        per_class::check(
            "BinaryCrossEntropyWithLogits::class_weights",
            &self.class_weights,
            classes,
        )?;
        fit::check::<Self>(Want::Like(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        each_number::<Self, F, Answer, _>(pass, |class| {
            let weight = per_class::of(&self.class_weights, class);
            Answer { yes: weight * per_class::of(&self.positive_weights, class), no: weight }
        })
    }

    fn validate(&self) -> Result<(), Error> {
        per_class::validate(
            "BinaryCrossEntropyWithLogits::positive_weights",
            &self.positive_weights,
        )?;
        per_class::validate("BinaryCrossEntropyWithLogits::class_weights", &self.class_weights)
    }
}

/// The loss at one position: how much a yes and a no count there.
#[derive(Debug)]
struct Answer {
    yes: f64,
    no: f64,
}

impl Answer {
    fn parts<F: Scalar>(&self, target: F) -> (F, F) {
        (F::of(self.yes) * target, F::of(self.no) * (F::one() - target))
    }
}

impl ElementLoss for Answer {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (yes, no) = self.parts(target);
        -yes * LogSigmoid.value(prediction) - no * LogSigmoid.value(-prediction)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (yes, no) = self.parts(target);
        no * Sigmoid.value(prediction) - yes * Sigmoid.value(-prediction)
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_probability(target)
    }
}
