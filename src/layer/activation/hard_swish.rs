//! Swish in three pieces without an exponential.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// Swish in three pieces without an exponential: y = 0 for x ≤ −3, x for x ≥ 3, x·(x + 3)/6 between. The slope is 0 at −3 and 1 at 3.
///
/// Takes samples of any shape and keeps it. Howard et al.: *Searching for MobileNetV3* (ICCV 2019, arXiv:1905.02244).
///
/// ```
/// use downhill::layer::{Activation, HardSwish};
/// assert_eq!(HardSwish.value(-4.0_f64), 0.0);
/// assert_eq!(HardSwish.value(-1.5_f64), -0.375);
/// assert_eq!(HardSwish.value(4.0_f64), 4.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardSwish;

impl Activation for HardSwish {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        let three = F::of(3.0);
        if x <= -three {
            F::zero()
        } else if x >= three {
            x
        } else {
            x * (x + three) / F::of(6.0)
        }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let three = F::of(3.0);
        if x <= -three {
            F::zero()
        } else if x >= three {
            F::one()
        } else {
            x / three + F::of(0.5)
        }
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}
