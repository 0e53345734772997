//! The smooth rectifier.

use std::sync::Arc;

use super::{Activation, sigmoid::sigmoid};
use crate::error::{Error, require};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The smooth rectifier: y = ln(1 + exp(`beta`·x)) / `beta`, and y = x where `beta`·x is above `threshold`.
///
/// Takes samples of any shape and keeps it. Dugas, Bengio, Bélisle, Nadeau, Garcia: *Incorporating second-order functional knowledge for better
/// option pricing* (NIPS 2000).
///
/// ```
/// use downhill::layer::{Activation, Softplus};
/// assert!((Softplus::default().value(0.0_f64) - 0.693147).abs() < 1e-6);
/// assert_eq!(Softplus { beta: 2.0, ..Softplus::default() }.value(1e4_f64), 1e4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softplus {
    /// How sharp the bend at 0 is: above 0; 1 by default.
    pub beta: f64,
    /// Where the curve gives way to the straight line: 0 or more; 20 by default, where the two differ by 2·10⁻⁹ / `beta`.
    pub threshold: f64,
}

impl Default for Softplus {
    fn default() -> Self {
        Self { beta: 1.0, threshold: 20.0 }
    }
}

impl Activation for Softplus {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        let beta = F::of(self.beta);
        if beta * x > F::of(self.threshold) { x } else { softplus(beta * x) / beta }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let t = F::of(self.beta) * x;
        if t > F::of(self.threshold) { F::one() } else { sigmoid(t) }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("Softplus::beta", self.beta)?;
        require::non_negative("Softplus::threshold", self.threshold)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}

/// ln(1 + exp(t)) with an exponential that cannot overflow.
#[inline(always)]
pub(super) fn softplus<F: Scalar>(t: F) -> F {
    t.max(F::zero()) + (-t.abs()).fast_exp().ln_1p()
}
