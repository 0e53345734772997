//! A bound on the weights of each unit.

use super::{Constraint, WeightsMut, rounding};
use crate::clip::{Norm, unit_size};
use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// The incoming weights of each unit have at most this Euclidean norm: w ← w · min(1, max / ‖w‖).
///
/// A unit is one place of the first axis; a tensor with fewer than two axes is one unit. A norm above `max` ends within 16 machine epsilons below it, so
/// that it does not exceed the bound by rounding and a second projection changes no bit. Norms at or below `max` are left as they are, and so is a unit with
/// a NaN or infinity. Weights of any size are measured without overflow.
///
/// N. Srebro, J. Rennie, T. Jaakkola: Maximum-margin matrix factorization. NIPS 2004.
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{Constraint, MaxNorm, WeightsMut}};
/// let model: Model<f64> = Model::build(Dense::new(2).without_bias(), &[2.into()], 7)?;
/// let mut w = [3.0_f64, 4.0, 0.3, 0.4];
/// MaxNorm::new(1.0).project(WeightsMut::new(&model.parameters()[0], &mut w));
/// assert!((w[0] - 0.6).abs() < 1e-14 && (w[1] - 0.8).abs() < 1e-14);
/// assert_eq!(w[2..], [0.3, 0.4]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaxNorm {
    /// The bound: a finite number above 0.
    pub max: f64,
}

impl MaxNorm {
    /// The bound `max` on the norm of each unit.
    pub fn new(max: f64) -> Self {
        Self { max }
    }
}

impl<F: Scalar> Constraint<F> for MaxNorm {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        for unit in tensor.values.chunks_mut(unit_size(tensor.shape)) {
            let size = Norm::L2.measure(unit, Parallel::Off);
            if size.is_finite() && size.norm() > self.max {
                size.resize(unit, self.max * (1.0 - rounding::<F>()), Parallel::Off);
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("MaxNorm::max", self.max)
    }
}
