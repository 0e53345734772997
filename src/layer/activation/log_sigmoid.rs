//! The logarithm of the logistic function.

use super::{Activation, sigmoid::sigmoid, softplus::softplus};
use crate::scalar::Scalar;

/// The logarithm of the logistic function: y = −ln(1 + exp(−x)).
///
/// It keeps its precision where [`Sigmoid`](super::Sigmoid) rounds to 0 or 1. Takes samples of any shape and keeps it.
///
/// ```
/// use downhill::layer::{Activation, LogSigmoid};
/// assert!((LogSigmoid.value(0.0_f64) + 0.693147).abs() < 1e-6);
/// assert_eq!(LogSigmoid.value(-1e4_f64), -1e4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSigmoid;

impl Activation for LogSigmoid {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        -softplus(-x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        sigmoid(-x)
    }
}
