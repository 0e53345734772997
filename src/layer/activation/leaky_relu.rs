//! The rectifier that leaks.

use std::sync::Arc;

use super::Activation;
use crate::error::{Error, require};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The rectifier that leaks: y = x for x > 0, `negative_slope`·x otherwise. The slope at 0 is `negative_slope`.
///
/// Takes samples of any shape and keeps it. Maas, Hannun, Ng: *Rectifier nonlinearities improve neural network acoustic models* (ICML
/// workshop 2013).
///
/// ```
/// use downhill::layer::{Activation, LeakyRelu};
/// let leaky = LeakyRelu { negative_slope: 0.1 };
/// assert_eq!(leaky.value(3.0_f64), 3.0);
/// assert_eq!(leaky.value(-2.0_f64), -0.2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyRelu {
    /// The slope for x ≤ 0, any finite number; 0.01 by default.
    pub negative_slope: f64,
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self { negative_slope: 0.01 }
    }
}

impl Activation for LeakyRelu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        if x > F::zero() { x } else { F::of(self.negative_slope) * x }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        if x > F::zero() { F::one() } else { F::of(self.negative_slope) }
    }

    fn slope_is_of_value(&self) -> bool {
        // y then has the sign of x.
        self.negative_slope >= 0.0
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("LeakyRelu::negative_slope", self.negative_slope)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal().negative_slope(self.negative_slope)))
    }
}
