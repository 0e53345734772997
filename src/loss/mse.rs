//! The mean squared error.

use super::ElementLoss;
use crate::scalar::Scalar;

/// The mean squared error: the mean of (p − t)² over a sample's numbers.
///
/// Takes one output of any shape and targets of the same shape. Its minimum is the mean. Legendre: *Nouvelles méthodes pour la détermination
/// des orbites des comètes* (1805).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, Mse};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Mse, &[array![[1.0, 4.0]].into_dyn()], array![[0.0, 2.0]], None)?;
/// assert!((total.mean() - 2.5).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse;

impl ElementLoss for Mse {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target) * (prediction - target)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        F::of(2.0) * (prediction - target)
    }
}
