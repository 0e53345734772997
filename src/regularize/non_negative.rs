//! Weights that are not negative.

use super::{Constraint, WeightsMut};
use crate::scalar::Scalar;

/// No weight is below zero: w ← max(w, 0). NaN stays NaN.
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{Constraint, NonNegative, WeightsMut}};
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[3.into()], 7)?;
/// let mut w = [1.5, -0.5, f64::NAN];
/// NonNegative.project(WeightsMut::new(&model.parameters()[0], &mut w));
/// assert_eq!(w[..2], [1.5, 0.0]);
/// assert!(w[2].is_nan());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NonNegative;

impl<F: Scalar> Constraint<F> for NonNegative {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        for w in tensor.values {
            // Not `max`, which would turn NaN into 0 and so hide it.
            if *w < F::zero() {
                *w = F::zero();
            }
        }
    }
}
