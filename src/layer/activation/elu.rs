//! The exponential linear unit.

use std::sync::Arc;

use super::Activation;
use crate::error::{Error, require};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The exponential linear unit: y = x for x > 0, `alpha`·(exp(x) − 1) otherwise. The slope at 0 is `alpha`.
///
/// Takes samples of any shape and keeps it. Clevert, Unterthiner, Hochreiter: *Fast and accurate deep network learning by exponential linear
/// units* (ICLR 2016, arXiv:1511.07289).
///
/// ```
/// use downhill::layer::{Activation, Elu};
/// assert_eq!(Elu::default().value(3.0_f64), 3.0);
/// assert_eq!(Elu { alpha: 0.5 }.value(-100.0_f64), -0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elu {
    /// Where y saturates for very negative x, with the opposite sign: above 0; 1 by default.
    pub alpha: f64,
}

impl Default for Elu {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Activation for Elu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        if x > F::zero() { x } else { F::of(self.alpha) * x.fast_exp_m1() }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, y: F) -> F {
        if x > F::zero() { F::one() } else { y + F::of(self.alpha) }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("Elu::alpha", self.alpha)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}
