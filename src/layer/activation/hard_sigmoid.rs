//! The logistic function in three straight pieces.

use super::Activation;
use crate::scalar::Scalar;

/// The logistic function in three straight pieces: y = x/6 + 1/2, held between 0 and 1. The slope at −3 and 3 is 0.
///
/// Takes samples of any shape and keeps it. Howard et al.: *Searching for MobileNetV3* (ICCV 2019, arXiv:1905.02244).
///
/// ```
/// use downhill::layer::{Activation, HardSigmoid};
/// assert_eq!(HardSigmoid.value(0.0_f64), 0.5);
/// assert_eq!(HardSigmoid.value(4.0_f64), 1.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        let three = F::of(3.0);
        if x <= -three {
            F::zero()
        } else if x >= three {
            F::one()
        } else {
            (x + three) / F::of(6.0)
        }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        if x.abs() >= F::of(3.0) { F::zero() } else { F::of(1.0 / 6.0) }
    }
}
