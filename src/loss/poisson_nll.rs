//! The likelihood of counts.

use super::ElementLoss;
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The negative logarithm of a Poisson distribution's probability for counts: exp(p) − t p for p the logarithm of the rate, or p − t ln(p + `epsilon`)
/// for p the rate itself; with `full` also t ln t − t + ln(2πt) / 2 for t > 1, Stirling's approximation to ln t!.
///
/// Takes one output of any shape and targets of the same shape, 0 or more. A rate below −`epsilon` gives NaN. Nelder, Wedderburn: *Generalized linear
/// models* (Journal of the Royal Statistical Society A 135, 1972).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, PoissonNll};
/// use ndarray::array;
/// let (total, _) = loss::measure(&PoissonNll::default(), &[array![[0.0, 0.0]].into_dyn()], array![[0.0, 2.0]], None)?;
/// assert!((total.mean() - 1.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonNll {
    /// Whether the output is the logarithm of the rate; true by default.
    pub log_input: bool,
    /// Whether to add the part that depends on the target alone; false by default.
    pub full: bool,
    /// Keeps the logarithm of a rate of 0 finite: above 0; 10⁻⁸ by default. Not used for logarithms.
    pub epsilon: f64,
}

impl Default for PoissonNll {
    fn default() -> Self {
        Self { log_input: true, full: false, epsilon: 1e-8 }
    }
}

impl ElementLoss for PoissonNll {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let cost = if self.log_input {
            prediction.exp() - target * prediction
        } else {
            prediction - target * (prediction + F::of(self.epsilon)).ln()
        };
        if self.full && target > F::one() {
            cost + target * target.ln() - target
                + F::of(0.5) * (F::of(std::f64::consts::TAU) * target).ln()
        } else {
            cost
        }
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        if self.log_input {
            prediction.exp() - target
        } else {
            F::one() - target / (prediction + F::of(self.epsilon))
        }
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        let allowed = target >= F::zero() && target.is_finite();
        if allowed { Ok(()) } else { Err("a finite number, 0 or more") }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("PoissonNll::epsilon", self.epsilon)
    }
}
