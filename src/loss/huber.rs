//! The squared error that grows like the absolute error for outliers.

use super::ElementLoss;
use super::numeric::sign;
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The squared error that grows like the absolute error for outliers: d² / 2 where |d| ≤ `delta`, and `delta` (|d| − `delta` / 2) elsewhere, for
/// d = p − t.
///
/// Its curvature is 1 in the middle for every `delta`. Takes one output of any shape and targets of the same shape. Huber: *Robust estimation of a
/// location parameter* (Annals of Mathematical Statistics 35, 1964).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, Huber};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Huber::default(), &[array![[0.5, 4.0]].into_dyn()], array![[0.0, 2.0]], None)?;
/// assert!((total.mean() - 0.8125).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// Where the parabola gives way to straight lines: above 0; 1 by default.
    pub delta: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

impl ElementLoss for Huber {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (delta, half) = (F::of(self.delta), F::of(0.5));
        let d = (prediction - target).abs();
        if d <= delta { half * d * d } else { delta * (d - half * delta) }
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let delta = F::of(self.delta);
        let d = prediction - target;
        if d.abs() <= delta { d } else { delta * sign(d) }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("Huber::delta", self.delta)
    }
}
