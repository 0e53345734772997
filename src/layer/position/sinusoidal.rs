//! Positions told by waves of fixed lengths.

use super::waves::waves;
use super::{add, sequence};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan, reshape};
use crate::scalar::Scalar;

/// Adds waves of fixed lengths, which tell each position from all others: y\[t, 2i\] = x\[t, 2i\] + sin(t / 10000^(2i/features)), and y\[t, 2i+1\] with the
/// cosine.
///
/// Takes and gives samples of shape `[time, features]`; an odd number of features ends with a sine. No parameters. (Vaswani et al.: *Attention is all you
/// need*, section 3.5, arXiv:1706.03762.)
///
/// ```
/// use downhill::{Model, layer::SinusoidalPosition};
/// let model: Model<f64> = Model::build(SinusoidalPosition, &[[2, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[5.0, 5.0], [5.0, 5.0]]])?;
/// assert_eq!(y, ndarray::array![[[5.0, 6.0], [5.0 + 1.0_f64.sin(), 5.0 + 1.0_f64.cos()]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinusoidalPosition;

impl<F: Scalar> Layer<F> for SinusoidalPosition {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = sequence(plan)?;
        plan.scratch_once(shape);
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let mut table = pass.scratch_once.one();
        let columns = table.shape().last().copied().unwrap_or(1);
        waves(table.values(), columns, 1e4);
        add(pass.inputs.one(), table.values(), pass.outputs.one());
    }

    fn backward(&self, pass: Backward<'_, F>) {
        reshape::copy_back(pass);
    }
}
