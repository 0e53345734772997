//! The logistic function.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{Glorot, Init};
use crate::scalar::Scalar;

/// The logistic function: y = 1 / (1 + exp(−x)), between 0 and 1.
///
/// A classifier should end without it and use a loss that takes logits: that is more accurate. Takes samples of any shape and keeps it.
/// Rumelhart, Hinton, Williams: *Learning representations by back-propagating errors* (Nature 323, 1986).
///
/// ```
/// use downhill::layer::{Activation, Sigmoid};
/// assert_eq!(Sigmoid.value(0.0_f64), 0.5);
/// assert_eq!(Sigmoid.value(-1e4_f64), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sigmoid;

impl Activation for Sigmoid {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        sigmoid(x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, _x: F, y: F) -> F {
        y * (F::one() - y)
    }

    fn slope_is_of_value(&self) -> bool {
        true
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(Glorot::uniform()))
    }
}

/// An exponential that overflows to infinity gives 0, which is the limit.
#[inline(always)]
pub(super) fn sigmoid<F: Scalar>(x: F) -> F {
    (F::one() + (-x).fast_exp()).recip()
}
