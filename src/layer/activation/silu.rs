//! The sigmoid linear unit.

use std::sync::Arc;

use super::{Activation, sigmoid::sigmoid};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The sigmoid linear unit, also called swish: y = x / (1 + exp(−x)).
///
/// Takes samples of any shape and keeps it. Elfwing, Uchibe, Doya: *Sigmoid-weighted linear units for neural network function approximation in
/// reinforcement learning* (Neural Networks 107, 2018, arXiv:1702.03118).
///
/// ```
/// use downhill::layer::{Activation, Silu};
/// assert!((Silu.value(1.0_f64) - 0.731059).abs() < 1e-6);
/// assert_eq!(Silu.value(1e4_f64), 1e4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silu;

impl Activation for Silu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x * sigmoid(x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let s = sigmoid(x);
        s * (F::one() + x * (F::one() - s))
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }
}
