//! The hyperbolic tangent.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{Glorot, Init};
use crate::scalar::Scalar;

/// The hyperbolic tangent: y = tanh(x), between −1 and 1.
///
/// Takes samples of any shape and keeps it. LeCun, Bottou, Orr, Müller: *Efficient BackProp* (1998).
///
/// ```
/// use downhill::layer::{Activation, Tanh};
/// assert!((Tanh.value(1.0_f64) - 0.761594).abs() < 1e-6);
/// assert_eq!(Tanh.value(-1e4_f64), -1.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tanh;

impl Activation for Tanh {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x.fast_tanh()
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, _x: F, y: F) -> F {
        F::one() - y * y
    }

    fn slope_is_of_value(&self) -> bool {
        true
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(Glorot::uniform()))
    }
}
