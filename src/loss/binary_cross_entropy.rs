//! Cross-entropy of yes or no, from probabilities.

use super::ElementLoss;
use super::fit::is_probability;
use super::numeric::at_least;
use crate::scalar::Scalar;

/// The cross-entropy of yes or no from probabilities: −t ln p − (1 − t) ln(1 − p), where no logarithm counts as less than −100.
///
/// A model should rather end in logits, with [`BinaryCrossEntropyWithLogits`](super::BinaryCrossEntropyWithLogits): a probability that is rounded to 0 or
/// 1 has lost what could be learnt from it. Here its slope is (p − t) / max(p (1 − p), 10⁻¹²), large but finite. Takes one output of any shape with
/// values in [0, 1] (others give NaN) and targets of the same shape in [0, 1]. Good: *Rational decisions* (Journal of the Royal Statistical
/// Society B 14, 1952).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, BinaryCrossEntropy};
/// use ndarray::array;
/// let (total, _) = loss::measure(&BinaryCrossEntropy, &[array![[0.5, 0.0]].into_dyn()], array![[1.0, 1.0]], None)?;
/// assert!((total.mean() - (2.0_f64.ln() + 100.0) / 2.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropy;

impl ElementLoss for BinaryCrossEntropy {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let least = F::of(-100.0);
        let (yes, no) = (at_least(least, prediction.ln()), at_least(least, (-prediction).ln_1p()));
        (target - F::one()) * no - target * yes
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target) / at_least(F::of(1e-12), prediction * (F::one() - prediction))
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_probability(target)
    }
}
