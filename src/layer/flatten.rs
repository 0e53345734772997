//! A sample as a row of numbers.

use super::reshape::{copy, copy_back};
use super::{Backward, Forward, Layer, Plan};
use crate::error::Error;
use crate::scalar::Scalar;

/// Takes samples of any shape and gives `[size]`: the same numbers in one row, last axis fastest. No parameters.
///
/// ```
/// use downhill::{Model, layer::Flatten};
/// let model: Model<f32> = Model::build(Flatten, &[[3, 8, 8].into()], 7)?;
/// assert_eq!(model.output_shapes(), [192.into()]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl<F: Scalar> Layer<F> for Flatten {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let size = plan.input()?.size();
        plan.output(size)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        copy(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        copy_back(pass);
    }
}
