//! The mean absolute error.

use super::ElementLoss;
use super::numeric::sign;
use crate::scalar::Scalar;

/// The mean absolute error: the mean of |p − t| over a sample's numbers. Its slope where the two are equal is 0.
///
/// Takes one output of any shape and targets of the same shape. Its minimum is the median, which outliers do not move. Laplace: *Mémoire sur la
/// probabilité des causes par les évènemens* (1774).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, Mae};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Mae, &[array![[1.0, 4.0]].into_dyn()], array![[0.0, 2.0]], None)?;
/// assert!((total.mean() - 1.5).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mae;

impl ElementLoss for Mae {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target).abs()
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        sign(prediction - target)
    }
}
