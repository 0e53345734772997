//! The logarithm of the hyperbolic cosine of the error.

use super::ElementLoss;
use crate::scalar::Scalar;

/// The logarithm of the hyperbolic cosine of the error: ln cosh(p − t), about d² / 2 for small and |d| − ln 2 for large errors d.
///
/// Like [`Huber`](super::Huber), with all derivatives. Takes one output of any shape and targets of the same shape. Green: *Bayesian
/// reconstructions from emission tomography data using a modified EM algorithm* (IEEE Transactions on Medical Imaging 9, 1990).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, LogCosh};
/// use ndarray::array;
/// let (total, _) = loss::measure(&LogCosh, &[array![[0.0, 1e4]].into_dyn()], array![[0.0, 0.0]], None)?;
/// assert!((total.mean() - (5e3 - 2.0_f64.ln() / 2.0)).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCosh;

impl ElementLoss for LogCosh {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let two = F::of(2.0);
        let d = (prediction - target).abs();
        if d < F::one() {
            // cosh d = 1 + 2 sinh²(d / 2), without the cancellation of the other branch.
            (two * (d / two).sinh().powi(2)).ln_1p()
        } else {
            d + (-two * d).exp().ln_1p() - F::of(std::f64::consts::LN_2)
        }
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target).tanh()
    }
}
