//! The sum of several tensors.

use super::common_shape;
use crate::error::Error;
use crate::kernel::stretches;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The sum of its inputs: y = x₁ + x₂ + … + xₙ, in this order.
///
/// Takes one or more tensors of one shape and gives one of that shape. Each input's gradient is that of the output. No parameters.
///
/// ```
/// use downhill::{Model, Workspace, layer::Sum};
/// let model: Model<f64> = Model::build(Sum, &[2.into(), 2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::array![[1.0, 2.0]])?;
/// work.load(1, &ndarray::array![[10.0, 20.0]])?;
/// work.evaluate(&model, 1, Default::default())?;
/// assert_eq!(work.output(0).values(), [11.0, 22.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum;

impl<F: Scalar> Layer<F> for Sum {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = common_shape(plan)?;
        plan.leaves_outputs();
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let mut y = pass.outputs.one();
        let y = y.values();
        stretches::copy(pass.parallel, pass.inputs.one().values(), y);
        for x in pass.inputs.iter().skip(1) {
            stretches::add(pass.parallel, x.values(), y);
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one().values();
        for position in 0..pass.inputs.len() {
            if let Some(mut dx) = pass.input_gradients.get(position) {
                stretches::copy(pass.parallel, dy, dx.values());
            }
        }
    }
}
