//! The self-normalising exponential linear unit.

use std::sync::Arc;

use super::Activation;
use crate::params::init::{Init, LeCun};
use crate::scalar::Scalar;

/// The fixed point of mean 0 and variance 1 determines both constants.
const ALPHA: f64 = 1.673_263_242_354_377_2;
const SCALE: f64 = 1.050_700_987_355_480_5;

/// The self-normalising exponential linear unit: y = λx for x > 0, λα·(exp(x) − 1) otherwise, with λ ≈ 1.0507 and α ≈ 1.6733. The slope at 0
/// is λα.
///
/// With weights from LeCun's normal rule the outputs of a deep network stay near mean 0 and variance 1. Takes samples of any shape and keeps
/// it. Klambauer, Unterthiner, Mayr, Hochreiter: *Self-normalizing neural networks* (NeurIPS 2017, arXiv:1706.02515).
///
/// ```
/// use downhill::layer::{Activation, Selu};
/// assert!((Selu.value(1.0_f64) - 1.0507).abs() < 1e-4);
/// assert!((Selu.value(-100.0_f64) + 1.7581).abs() < 1e-4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selu;

impl Activation for Selu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        if x > F::zero() { F::of(SCALE) * x } else { F::of(SCALE * ALPHA) * x.fast_exp_m1() }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, y: F) -> F {
        if x > F::zero() { F::of(SCALE) } else { y + F::of(SCALE * ALPHA) }
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(LeCun::normal()))
    }
}
