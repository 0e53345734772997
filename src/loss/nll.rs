//! The negative log-likelihood of classes, from log-probabilities.

use super::fit::{self, Want};
use super::walk::each_label;
use super::{Loss, LossPass, Total, numeric::taint, per_class};
use crate::data::TargetKind;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The negative log-likelihood of classes, from log-probabilities x: −xᵧ at the target's class y.
///
/// After a [`LogSoftmax`](crate::layer::LogSoftmax) layer it is the same as [`CrossEntropy`](super::CrossEntropy) on the logits, which does both at
/// once. The classes are on the last axis of the one output; the targets are class indices of the output's shape without it. The sum is
/// divided by Σ sample weight × class weight over the places that are not ignored. Fisher: *On the mathematical foundations of theoretical
/// statistics* (Philosophical Transactions A 222, 1922).
///
/// # Errors
/// A class index out of range is an [`Error::Target`].
///
/// ```
/// use downhill::loss::{self, Nll};
/// use ndarray::array;
/// let outputs = [array![[-0.5, -2.0], [-3.0, -0.1]].into_dyn()];
/// let (total, _) = loss::measure(&Nll::default(), &outputs, vec![0, 0], None)?;
/// assert_eq!(total.mean(), 1.75);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nll {
    /// How much each class counts: one number of 0 or more for each; `None`, the default, for 1 each.
    pub class_weights: Option<Vec<f64>>,
    /// A class index that marks places without a target; `None`, the default, for none.
    pub ignore_index: Option<usize>,
}

impl<F: Scalar> Loss<F> for Nll {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        let classes = fit::classes::<Self>(output)?;
        per_class::check("Nll::class_weights", &self.class_weights, classes)?;
        fit::check::<Self>(Want::ClassesOf(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        each_label::<Self, F>(pass, self.ignore_index, |label, scores, gradient| {
            let weight = per_class::of(&self.class_weights, label);
            for (class, g) in gradient.into_iter().flatten().enumerate() {
                *g = if class == label { F::of(-weight) } else { F::zero() };
            }
            let score = scores.get(label).map_or(0.0, |score| score.as_f64());
            Total { sum: taint(scores) - weight * score, weight }
        })
    }

    fn ignore_index(&self) -> Option<usize> {
        self.ignore_index
    }

    fn validate(&self) -> Result<(), Error> {
        per_class::validate("Nll::class_weights", &self.class_weights)
    }
}
