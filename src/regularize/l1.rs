//! The sum of magnitudes.

use super::{Regularizer, Weights};
use crate::clip::Norm;
use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// Lasso: strength · Σ|w|, which pulls every weight towards zero with the same force however small it is, and so makes a model sparse.
///
/// The gradient is strength · sign(w), and 0 where w is 0.
///
/// R. Tibshirani: Regression shrinkage and selection via the lasso. Journal of the Royal Statistical Society B 58, 1996.
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{L1, Regularizer, Weights}};
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[2.into()], 7)?;
/// let w = Weights::new(&model.parameters()[0], &[3.0, -4.0]);
/// assert_eq!(L1::new(0.1).penalty(w), 0.1 * 7.0);
/// let mut gradient = [0.0; 2];
/// L1::new(0.1).add_gradient(w, &mut gradient);
/// assert_eq!(gradient, [0.1, -0.1]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L1 {
    /// What the sum is multiplied by: a finite number, 0 or more.
    pub strength: f64,
}

impl L1 {
    /// The penalty strength · Σ|w|.
    pub fn new(strength: f64) -> Self {
        Self { strength }
    }
}

impl<F: Scalar> Regularizer<F> for L1 {
    fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
        self.strength * Norm::L1.of(tensor.values, Parallel::Off)
    }

    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
        let strength = F::of(self.strength);
        for (g, &w) in gradient.iter_mut().zip(tensor.values) {
            *g += sign(w) * strength;
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("L1::strength", self.strength)
    }
}

/// The slope of |w|: 0 at 0, and NaN for NaN.
#[inline]
pub(super) fn sign<F: Scalar>(w: F) -> F {
    if w > F::zero() {
        F::one()
    } else if w < F::zero() {
        -F::one()
    } else {
        w
    }
}
