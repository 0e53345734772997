//! Weights of length one.

use super::{Constraint, WeightsMut, rounding};
use crate::clip::{Norm, unit_size};
use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// The incoming weights of each unit have the Euclidean norm 1: w ← w / ‖w‖.
///
/// A unit is one place of the first axis; a tensor with fewer than two axes is one unit. Weights that are all zero have no direction and stay zero. A norm
/// within 8 machine epsilons of 1 is left as it is, so that a second projection changes no bit; and so is a unit with a NaN or infinity. Weights of any size
/// are measured without overflow or underflow.
///
/// T. Salimans, D. P. Kingma: Weight normalization. NIPS 2016 (the direction of a weight, kept apart from its length).
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{Constraint, UnitNorm, WeightsMut}};
/// let model: Model<f32> = Model::build(Dense::new(2).without_bias(), &[2.into()], 7)?;
/// let mut w = [3e30, 4e30, 0.0, 0.0];
/// UnitNorm.project(WeightsMut::new(&model.parameters()[0], &mut w));
/// assert_eq!(w, [0.6, 0.8, 0.0, 0.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitNorm;

impl<F: Scalar> Constraint<F> for UnitNorm {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        for unit in tensor.values.chunks_mut(unit_size(tensor.shape)) {
            let size = Norm::L2.measure(unit, Parallel::Off);
            let off = (size.norm() - 1.0).abs() > rounding::<F>();
            if size.is_finite() && size.norm() > 0.0 && off {
                size.resize(unit, 1.0, Parallel::Off);
            }
        }
    }
}
