//! Small distances for pairs that belong together, large ones for others.

use super::ElementLoss;
use super::fit::is_sign;
use super::numeric::{hinge, step};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Small for pairs that belong together, large for others: p where t = 1, and max(0, `margin` − p) where t = −1, for p a distance.
///
/// Takes one output of any shape and targets of the same shape, 1 or −1. Hadsell, Chopra, LeCun: *Dimensionality reduction by learning an
/// invariant mapping* (CVPR 2006).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, HingeEmbedding};
/// use ndarray::array;
/// let (total, _) = loss::measure(&HingeEmbedding::default(), &[array![[0.5, 0.25]].into_dyn()], array![[1.0, -1.0]], None)?;
/// assert!((total.mean() - 0.625).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HingeEmbedding {
    /// From which distance on two are far enough apart: a finite number; 1 by default.
    pub margin: f64,
}

impl Default for HingeEmbedding {
    fn default() -> Self {
        Self { margin: 1.0 }
    }
}

impl ElementLoss for HingeEmbedding {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        if target > F::zero() { prediction } else { hinge(F::of(self.margin) - prediction) }
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        if target > F::zero() { F::one() } else { -step(F::of(self.margin) - prediction) }
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_sign(target)
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("HingeEmbedding::margin", self.margin)
    }
}
