//! The hinge loss of several labels that can be right at once.

use super::fit::{self, Want};
use super::numeric::{hinge, step, taint};
use super::walk::each_place;
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The hinge loss of several labels that can be right at once: Σ max(0, 1 − xᵧ + xᵢ) / classes, over all labels y that are right and all i that are
/// not.
///
/// The labels are on the last axis of the one output, and the targets of the same shape are 1 for those that are right and 0 for the others. Takes
/// time that grows with the square of the number of labels. Where all or none are right the loss is 0. Elisseeff, Weston: *A kernel method for
/// multi-labelled classification* (NIPS 2001).
///
/// # Errors
/// A target that is neither 0 nor 1 is an [`Error::Target`].
///
/// ```
/// use downhill::loss::{self, MultiLabelMargin};
/// use ndarray::array;
/// let outputs = [array![[1.0, 3.0, 0.5, 2.0]].into_dyn()];
/// let (total, _) = loss::measure(&MultiLabelMargin, &outputs, array![[1.0, 1.0, 0.0, 0.0]], None)?;
/// assert_eq!(total.mean(), (0.5 + 2.0) / 4.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MultiLabelMargin;

fn is_bit<F: Scalar>(target: F) -> Result<(), &'static str> {
    if target == F::zero() || target == F::one() { Ok(()) } else { Err("0 or 1") }
}

impl<F: Scalar> Loss<F> for MultiLabelMargin {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        fit::classes::<Self>(output)?;
        fit::check::<Self>(Want::Like(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let [output] = fit::outputs::<Self, F, 1>(&pass)?;
        let target = fit::values::<Self, F>(&pass, Want::Like(output.shape()))?;
        let places = output.size() / fit::classes::<Self>(output.shape())?;
        each_place::<Self, F>(pass, |place, scores, gradient| {
            let from = place * scores.len();
            let targets = target.values().get(from..from + scores.len()).unwrap_or_default();
            fit::allowed::<Self, F>(place / places.max(1), targets, is_bit)?;
            let scale = 1.0 / scores.len() as f64;
            let of = |bit: F| {
                let labels = scores.iter().zip(targets);
                labels.filter(move |&(_, &t)| t == bit).map(|(x, _)| x.as_f64())
            };
            let (right, wrong) = (|| of(F::one()), || of(F::zero()));
            let sum: f64 = right().flat_map(|y| wrong().map(move |i| hinge(1.0 - y + i))).sum();
            if let Some(gradient) = gradient {
                for ((g, x), &t) in gradient.iter_mut().zip(scores).zip(targets) {
                    let x = x.as_f64();
                    let slope: f64 = if t == F::one() {
                        -wrong().map(|i| step(1.0 - x + i)).sum::<f64>()
                    } else {
                        right().map(|y| step(1.0 - y + x)).sum()
                    };
                    *g = F::of(scale * slope);
                }
            }
            Ok(Total { sum: scale * sum + taint(scores), weight: 1.0 })
        })
    }
}
