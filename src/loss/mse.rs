//! The mean squared error.

use super::ElementLoss;
use crate::scalar::Scalar;

/// The mean squared error: (p − t)².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse;

impl ElementLoss for Mse {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        (prediction - target) * (prediction - target)
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        F::of(2.0) * (prediction - target)
    }
}
