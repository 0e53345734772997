//! The logistic loss, for targets 1 and −1.

use super::ElementLoss;
use super::fit::is_sign;
use crate::layer::{Activation, LogSigmoid, Sigmoid};
use crate::scalar::Scalar;

/// The logistic loss: ln(1 + exp(−t p)), for targets 1 and −1.
///
/// The same as [`BinaryCrossEntropyWithLogits`](super::BinaryCrossEntropyWithLogits) with targets 1 and 0. Takes one output of any shape and targets of the
/// same shape, 1 or −1. Friedman, Hastie, Tibshirani: *Additive logistic regression* (Annals of Statistics 28, 2000).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, SoftMargin};
/// use ndarray::array;
/// let (total, _) = loss::measure(&SoftMargin, &[array![[0.0, 1e4]].into_dyn()], array![[1.0, -1.0]], None)?;
/// assert!((total.mean() - (2.0_f64.ln() + 1e4) / 2.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SoftMargin;

impl ElementLoss for SoftMargin {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        -LogSigmoid.value(target * prediction)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        -target * Sigmoid.value(-target * prediction)
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_sign(target)
    }
}
