//! The continuously differentiable exponential linear unit.

use std::sync::Arc;

use super::Activation;
use crate::error::{Error, require};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The continuously differentiable exponential linear unit: y = x for x > 0, `alpha`·(exp(x / `alpha`) − 1) otherwise. The slope at 0 is 1
/// for any `alpha`.
///
/// Takes samples of any shape and keeps it. Barron: *Continuously differentiable exponential linear units* (arXiv:1704.07483).
///
/// ```
/// use downhill::layer::{Activation, Celu};
/// assert_eq!(Celu::default().value(3.0_f64), 3.0);
/// assert_eq!(Celu { alpha: 0.5 }.value(-100.0_f64), -0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Celu {
    /// Where y saturates for very negative x, with the opposite sign: above 0; 1 by default.
    pub alpha: f64,
}

impl Default for Celu {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Activation for Celu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        let alpha = F::of(self.alpha);
        if x > F::zero() { x } else { alpha * (x / alpha).fast_exp_m1() }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, y: F) -> F {
        if x > F::zero() { F::one() } else { y / F::of(self.alpha) + F::one() }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("Celu::alpha", self.alpha)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}
