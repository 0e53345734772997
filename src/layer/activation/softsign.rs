//! The sigmoid without an exponential.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{Glorot, Init};
use crate::scalar::Scalar;

/// A sigmoid without an exponential: y = x / (1 + |x|), between −1 and 1.
///
/// Takes samples of any shape and keeps it. Turian, Bergstra, Bengio: *Quadratic features and deep architectures for chunking* (NAACL 2009).
///
/// ```
/// use downhill::layer::{Activation, Softsign};
/// assert_eq!(Softsign.value(3.0_f64), 0.75);
/// assert_eq!(Softsign.value(-3.0_f64), -0.75);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softsign;

impl Activation for Softsign {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x / (F::one() + x.abs())
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let r = (F::one() + x.abs()).recip();
        r * r
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(Glorot::uniform()))
    }
}
