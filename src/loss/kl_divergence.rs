//! How far a distribution is from another.

use super::fit::{self, Want};
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total, numeric::charge};
use crate::data::TargetKind;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The Kullback–Leibler divergence of the predicted distribution from the target: Σ tᵢ (ln tᵢ − xᵢ) over the classes, for x log-probabilities.
///
/// Takes one output, as a [`LogSoftmax`](crate::layer::LogSoftmax) layer gives it, with the classes on its last axis, and targets of the same
/// shape: probabilities in [0, 1], or their logarithms with `log_target`. The sum is divided by the weight of the samples (what other libraries
/// call *batchmean*), counted once for each place if there are axes before the classes. A class of probability 0 costs nothing. Kullback,
/// Leibler: *On information and sufficiency* (Annals of Mathematical Statistics 22, 1951).
///
/// # Errors
/// A probability outside [0, 1], or its logarithm above 0, is an [`Error::Target`].
///
/// ```
/// use downhill::loss::{self, KlDivergence};
/// use ndarray::array;
/// let outputs = [array![[0.5_f64.ln(), 0.5_f64.ln()]].into_dyn()];
/// let (total, _) = loss::measure(&KlDivergence::default(), &outputs, array![[1.0, 0.0]], None)?;
/// assert!((total.mean() - 2.0_f64.ln()).abs() < 1e-12);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KlDivergence {
    /// Whether the targets are logarithms of probabilities; false by default.
    pub log_target: bool,
}

impl KlDivergence {
    fn allows<F: Scalar>(self, target: F) -> Result<(), &'static str> {
        match self.log_target {
            false => fit::is_probability(target),
            true if target <= F::zero() => Ok(()),
            true => Err("the logarithm of a probability, 0 or less"),
        }
    }

    /// A target probability and its logarithm.
    fn both(self, target: f64) -> (f64, f64) {
        if self.log_target { (target.exp(), target) } else { (target, target.ln()) }
    }
}

impl<F: Scalar> Loss<F> for KlDivergence {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        fit::check::<Self>(Want::Like(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let [output] = fit::outputs::<Self, F, 1>(&pass)?;
        let target = fit::values::<Self, F>(&pass, Want::Like(output.shape()))?;
        let classes = output.shape().last().copied().unwrap_or(1).max(1);
        let places = (output.size() / classes) as f64;
        each_sample(pass, |sample, gradients| {
            let (outputs, targets) = (output.row(sample), target.row(sample));
            fit::allowed::<Self, F>(sample, targets, |t| self.allows(t))?;
            let pairs = outputs.iter().zip(targets).map(|(x, t)| (x.as_f64(), t.as_f64()));
            let sum = pairs.map(|(x, t)| {
                let (probability, log) = self.both(t);
                charge(probability, -x) - charge(probability, -log)
            });
            let total = Total { sum: sum.sum(), weight: places };
            if let Some(gradients) = gradients {
                for (g, t) in row(gradients, 0, sample).iter_mut().zip(targets) {
                    *g = F::of(-self.both(t.as_f64()).0);
                }
            }
            Ok(total)
        })
    }
}
