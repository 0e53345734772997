//! The loss of the support vector machine.

use super::ElementLoss;
use super::fit::is_sign;
use super::numeric::{hinge, step};
use crate::scalar::Scalar;

/// The loss of the support vector machine: max(0, 1 − t p), for targets 1 and −1.
///
/// A linear layer of one unit with this loss and [`L2`] on its weights **is** the linear support vector machine. Takes one output of any shape and targets of the
/// same shape, 1 or −1; for several classes see [`MultiMargin`](super::MultiMargin). Cortes, Vapnik: *Support-vector networks* (Machine Learning 20, 1995).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// [`L2`]: crate::regularize
///
/// ```
/// use downhill::loss::{self, Hinge};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Hinge, &[array![[0.5, 3.0]].into_dyn()], array![[1.0, -1.0]], None)?;
/// assert!((total.mean() - 2.25).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl ElementLoss for Hinge {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        hinge(F::one() - target * prediction)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        -target * step(F::one() - target * prediction)
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_sign(target)
    }
}
