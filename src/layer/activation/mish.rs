//! Mish.

use std::sync::Arc;

use super::{Activation, sigmoid::sigmoid};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// Mish: y = x·tanh(ln(1 + exp(x))).
///
/// Takes samples of any shape and keeps it. Misra: *Mish: a self regularized non-monotonic activation function* (BMVC 2020,
/// arXiv:1908.08681).
///
/// ```
/// use downhill::layer::{Activation, Mish};
/// assert!((Mish.value(1.0_f64) - 0.865098).abs() < 1e-6);
/// assert_eq!(Mish.value(1e4_f64), 1e4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mish;

impl Activation for Mish {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x * tanh_softplus(x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let t = tanh_softplus(x);
        t + x * (F::one() - t * t) * sigmoid(x)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}

/// tanh(ln(1 + e)) = (e² + 2e) / (e² + 2e + 2) for e = exp(x), written with the exponential that cannot overflow.
#[inline(always)]
fn tanh_softplus<F: Scalar>(x: F) -> F {
    let two = F::of(2.0);
    let e = (-x.abs()).fast_exp();
    let (top, rest) =
        if x > F::zero() { (F::one() + two * e, two * e * e) } else { (e * (e + two), two) };
    top / (top + rest)
}
