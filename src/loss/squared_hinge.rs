//! The smooth loss of the support vector machine.

use super::ElementLoss;
use super::fit::is_sign;
use super::numeric::hinge;
use crate::scalar::Scalar;

/// The square of [`Hinge`](super::Hinge): max(0, 1 − t p)², for targets 1 and −1.
///
/// It has a slope everywhere, and large violations cost more. Takes one output of any shape and targets of the same shape, 1 or −1. Lee, Mangasarian:
/// *SSVM: a smooth support vector machine* (Computational Optimization and Applications 20, 2001).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, SquaredHinge};
/// use ndarray::array;
/// let (total, _) = loss::measure(&SquaredHinge, &[array![[0.5, 3.0]].into_dyn()], array![[1.0, -1.0]], None)?;
/// assert!((total.mean() - 8.125).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredHinge;

impl ElementLoss for SquaredHinge {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        hinge(F::one() - target * prediction).powi(2)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        F::of(-2.0) * target * hinge(F::one() - target * prediction)
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_sign(target)
    }
}
