//! The absolute error with its tip rounded off.

use super::ElementLoss;
use super::numeric::sign;
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The absolute error with its tip rounded off: d² / (2 `beta`) where |d| < `beta`, and |d| − `beta` / 2 elsewhere, for d = p − t.
///
/// Its slope is at most 1 for every `beta`. Takes one output of any shape and targets of the same shape. Girshick: *Fast R-CNN* (ICCV 2015).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, SmoothL1};
/// use ndarray::array;
/// let (total, _) = loss::measure(&SmoothL1::default(), &[array![[0.5, 4.0]].into_dyn()], array![[0.0, 2.0]], None)?;
/// assert!((total.mean() - 0.8125).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmoothL1 {
    /// Where the parabola gives way to straight lines: 0 or more, and 0 is [`Mae`](super::Mae); 1 by default.
    pub beta: f64,
}

impl Default for SmoothL1 {
    fn default() -> Self {
        Self { beta: 1.0 }
    }
}

impl ElementLoss for SmoothL1 {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (beta, half) = (F::of(self.beta), F::of(0.5));
        let d = (prediction - target).abs();
        if d < beta { half * d * d / beta } else { d - half * beta }
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let beta = F::of(self.beta);
        let d = prediction - target;
        if d.abs() < beta { d / beta } else { sign(d) }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("SmoothL1::beta", self.beta)
    }
}
