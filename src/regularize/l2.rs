//! Half the sum of squares.

use super::{Regularizer, Weights};
use crate::clip::norm;
use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// Ridge, or Tikhonov's penalty: strength / 2 · Σw².
///
/// **Mind the ½.** The gradient is strength · w, so the number means the same as `weight_decay` of PyTorch's `SGD` and `Adam`. Keras' `L2(λ)` has no ½:
/// it equals `L2::new(2.0 * λ)` here.
///
/// The penalty is part of the loss, and its gradient passes through the optimizer as the data's does. For decay that by-passes the optimizer, as in
/// AdamW, see [`DecoupledDecay`](super::DecoupledDecay).
///
/// A. N. Tikhonov: Solution of incorrectly formulated problems and the regularization method. Soviet Mathematics Doklady 4, 1963.
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{L2, Regularizer, Weights}};
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[2.into()], 7)?;
/// let w = Weights::new(&model.parameters()[0], &[3.0, -4.0]);
/// assert_eq!(L2::new(0.5).penalty(w), 0.25 * 25.0);
/// let mut gradient = [0.0; 2];
/// L2::new(0.5).add_gradient(w, &mut gradient);
/// assert_eq!(gradient, [1.5, -2.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct L2 {
    /// What half the sum of squares is multiplied by: a finite number, 0 or more.
    pub strength: f64,
}

impl L2 {
    /// The penalty strength / 2 · Σw².
    pub fn new(strength: f64) -> Self {
        Self { strength }
    }
}

impl<F: Scalar> Regularizer<F> for L2 {
    fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
        let norm = norm(tensor.values, Parallel::Off);
        // In this order the product overflows only if the penalty itself does.
        0.5 * self.strength * norm * norm
    }

    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
        let strength = F::of(self.strength);
        for (g, &w) in gradient.iter_mut().zip(tensor.values) {
            *g += strength * w;
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("L2::strength", self.strength)
    }
}
