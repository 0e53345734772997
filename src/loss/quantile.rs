//! The loss of a quantile.

use super::ElementLoss;
use super::numeric::sign;
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The quantile or pinball loss: `quantile` · (t − p) where p is too small, and (1 − `quantile`) · (p − t) where it is too large.
///
/// Its minimum is that quantile of the targets; the median by default. Takes one output of any shape and targets of the same shape. Koenker, Bassett:
/// *Regression quantiles* (Econometrica 46, 1978).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, Quantile};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Quantile { quantile: 0.9 }, &[array![[1.0, 4.0]].into_dyn()], array![[3.0, 2.0]], None)?;
/// assert!((total.mean() - 1.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The share of targets that is to lie below the prediction: in (0, 1); 0.5 by default.
    pub quantile: f64,
}

impl Default for Quantile {
    fn default() -> Self {
        Self { quantile: 0.5 }
    }
}

impl ElementLoss for Quantile {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target) * self.slope(prediction, target)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (quantile, half) = (F::of(self.quantile), F::of(0.5));
        let side = sign(prediction - target);
        // (1 + side) / 2 − quantile on either side, and 0 in between.
        side.abs() * (half - quantile) + half * side
    }

    fn validate(&self) -> Result<(), Error> {
        let inside = self.quantile > 0.0 && self.quantile < 1.0;
        require::that(inside, "Quantile::quantile", self.quantile, "a number between 0 and 1")
    }
}
